-- Delete a batch of what is known of the beginning of runs of long ago.
delete from upkeep.run_start
where (dag_id, run_id) in (
    select
        dag_id,
        run_id
    from upkeep.run_start
    where started_at < %(before)s
    order by started_at
    limit %(most)s
)
