"""Sections of the monthly review of costs."""
