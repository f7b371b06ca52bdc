"""The bridge from duties to Airflow. With `dags/`, `plugins/` and `ui/access.py`, all that imports Airflow."""
