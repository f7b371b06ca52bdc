"""Work on what the system is built from."""
