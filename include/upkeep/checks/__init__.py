"""Checks: one file asks one question. The folder is the area, the function is the name."""
