"""Backups that are proven: what one is made of, how it is taken, read back, kept, restored and compared."""
