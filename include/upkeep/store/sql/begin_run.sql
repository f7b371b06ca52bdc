-- The newest run about a window takes over its row. A run that was cleared keeps when it first began and how long it took.
insert into upkeep.run as run (cadence, window_start, window_end, dag_id, run_id, run_type, thread, started_at)
values (%s, %s, %s, %s, %s, %s, %s, %s)
on conflict (cadence, window_start, window_end) do update
set
    dag_id = excluded.dag_id,
    run_id = excluded.run_id,
    run_type = excluded.run_type,
    thread = excluded.thread,
    started_at = case when (run.dag_id, run.run_id) = (excluded.dag_id, excluded.run_id) then run.started_at else excluded.started_at end,
    finished_at = case when (run.dag_id, run.run_id) = (excluded.dag_id, excluded.run_id) then run.finished_at end,
    again_at = case when (run.dag_id, run.run_id) = (excluded.dag_id, excluded.run_id) then excluded.started_at end,
    reported_at = case when (run.dag_id, run.run_id) = (excluded.dag_id, excluded.run_id) then run.reported_at end
