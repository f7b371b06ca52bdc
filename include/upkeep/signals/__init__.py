"""Signals of services: requests, errors and latency, read from what a team already runs."""
