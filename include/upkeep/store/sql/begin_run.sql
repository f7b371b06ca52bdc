-- The newest run about a window takes over its row.
insert into upkeep.run (cadence, window_start, window_end, dag_id, run_id, run_type, thread, started_at)
values (%s, %s, %s, %s, %s, %s, %s, %s)
on conflict (cadence, window_start, window_end) do update
set
    dag_id = excluded.dag_id,
    run_id = excluded.run_id,
    run_type = excluded.run_type,
    thread = excluded.thread,
    started_at = excluded.started_at,
    finished_at = null
