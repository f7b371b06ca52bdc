"""DAGs for test_runs."""
