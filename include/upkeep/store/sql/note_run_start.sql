-- An Airflow run began; the first time counts.
insert into upkeep.run_start (dag_id, run_id, started_at)
values (%s, %s, %s)
on conflict do nothing
