"""Reports of their own beside those of runs, one file each, found by walking: see `reports/report.py`."""
