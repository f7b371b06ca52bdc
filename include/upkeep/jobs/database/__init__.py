"""Databases kept in shape."""
