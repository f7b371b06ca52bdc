"""Backups: taken, kept and proven."""
