"""Upkeep: the maintenance programme of a live web system, run by Apache Airflow."""
