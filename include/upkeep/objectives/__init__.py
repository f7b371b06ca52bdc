"""Objectives of services: their error budgets by counts, and the alerts that burn rates would have sent."""
