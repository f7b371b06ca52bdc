-- How a window stands: answers by status, those of one run among them, and how many questions its cadence has.
select
    count(*) filter (where status = 'ok') as ok,
    count(*) filter (where status = 'breach') as breach,
    count(*) filter (where status = 'unknown') as unknown,
    count(*) as answers,
    count(*) filter (where asked_at >= %(started)s) as fresh,
    max(asked_at) as asked_at,
    (
        select count(*)
        from upkeep.duty as duty
        inner join upkeep.target as target
            on target.kind = duty.target_kind
            and target.active
        where duty.active
        and duty.cadence = %(cadence)s
    ) as expected
from upkeep.answer
where cadence = %(cadence)s
and window_start = %(start)s
and window_end = %(end)s
