"""What is looked after: one file for each kind of target."""
