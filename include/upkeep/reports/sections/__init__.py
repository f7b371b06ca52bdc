"""Sections of run reports, one file each, found by walking: see `reports/section.py`."""
