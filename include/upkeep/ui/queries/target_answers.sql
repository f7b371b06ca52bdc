-- The newest answer of every duty that is for this kind of target; the columns of the answer are null where nobody asked.
select
    duty.name as duty,
    duty.area,
    duty.cadence,
    duty.title,
    answer.status::text as status,
    answer.summary,
    answer.evidence ->> 'remedy' as remedy,
    answer.window_start,
    answer.window_end,
    answer.asked_at,
    answer.seconds,
    answer.dag_id,
    answer.run_id,
    answer.task_id,
    answer.map_index
from upkeep.duty as duty
left join lateral (
    select *
    from upkeep.answer as given
    where given.duty = duty.name
    and given.target = %(name)s
    order by
        given.window_end desc,
        given.window_start desc
    limit 1
) as answer
    on true
where duty.active
and duty.target_kind = %(kind)s
order by
    duty.area,
    array_position(%(cadences)s::text[], duty.cadence),
    duty.name
