-- A question was put; its answer is to come.
insert into upkeep.pending_answer (duty, target, window_start, window_end, dag_id, run_id, try_number, asked_at)
values (%s, %s, %s, %s, %s, %s, %s, %s)
on conflict (duty, target, window_end, window_start) do update
set
    dag_id = excluded.dag_id,
    run_id = excluded.run_id,
    try_number = excluded.try_number,
    asked_at = excluded.asked_at
