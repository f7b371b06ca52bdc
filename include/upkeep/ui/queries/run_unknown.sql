-- What nobody could tell in one window, with the reason.
select
    answer.duty,
    answer.target,
    coalesce(duty.area, '') as area,
    answer.summary,
    answer.evidence ->> 'remedy' as remedy,
    answer.dag_id,
    answer.run_id,
    answer.task_id,
    answer.map_index,
    count(*) over () as total
from upkeep.answer as answer
left join upkeep.duty as duty
    on duty.name = answer.duty
where answer.cadence = %(cadence)s
and answer.window_start = %(start)s
and answer.window_end = %(end)s
and answer.status = 'unknown'
order by
    area,
    answer.duty,
    answer.target
limit %(limit)s
