-- What was answered for a window, with what is known of duty and target, and which task instance answered.
select
    answer.duty,
    coalesce(duty.area, '') as area,
    answer.target,
    answer.status::text as status,
    answer.summary,
    coalesce(answer.evidence ->> 'remedy', '') as remedy,
    answer.dag_id,
    answer.run_id,
    answer.task_id,
    answer.map_index
from upkeep.answer as answer
left join upkeep.duty as duty
    on duty.name = answer.duty
where answer.cadence = %(cadence)s
and answer.window_start = %(start)s
and answer.window_end = %(end)s
order by
    area,
    answer.duty,
    answer.target
