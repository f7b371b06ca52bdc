-- One answer.
insert into upkeep.answer (
    duty, target, window_start, window_end, cadence, status, summary, evidence, asked_at, seconds, dag_id, run_id, task_id,
    map_index, try_number
)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
