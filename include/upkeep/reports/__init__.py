"""Stored rows of a window, read back as documents for people."""
