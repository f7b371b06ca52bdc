-- Whether the report of an Airflow run is stored.
select exists (
    select from upkeep.run
    where dag_id = %(dag_id)s
    and run_id = %(run_id)s
    and finished_at is not null
    and coalesce(again_at <= reported_at, true)
)
