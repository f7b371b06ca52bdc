"""Checks of what is spent."""
