"""Jobs: one file does one thing that changes something, and can be killed and run again."""
