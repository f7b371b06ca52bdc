"""`astro dev parse`: every DAG file loads, and the DAGs that Upkeep promises are there."""

from airflow.dag_processing.dagbag import DagBag


def test_every_dag_is_there() -> None:
    bag = DagBag("dags")
    assert not bag.import_errors, "\n".join(f"{file}: {error}" for file, error in bag.import_errors.items())
    assert {"daily", "weekly", "monthly", "quarterly", "yearly", "backups"} <= set(bag.dags), f"found only {sorted(bag.dags)}"
