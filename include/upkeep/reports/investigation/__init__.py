"""Anomalies of services looked into: what was expected, what came, and what else happened then."""
