-- Pairs of duty and target that a window lacks an answer for.
select
    coalesce(duty.area, '') as area,
    duty.name as duty,
    target.name as target
from upkeep.duty as duty
inner join upkeep.target as target
    on target.kind = duty.target_kind
    and target.active
left join upkeep.answer as answer
    on answer.duty = duty.name
    and answer.target = target.name
    and answer.window_start = %(start)s
    and answer.window_end = %(end)s
where duty.active
and duty.cadence = %(cadence)s
and answer.duty is null
order by
    area,
    duty.name,
    target.name
