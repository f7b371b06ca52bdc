-- Duties of one area with how their newest answers stand and what is open.
with answered as materialized (
    select
        duty,
        count(*) filter (where status = 'ok') as ok,
        count(*) filter (where status = 'breach') as breach,
        count(*) filter (where status = 'unknown') as unknown,
        count(*) as answers,
        max(asked_at) as asked_at
    from upkeep.current_answer
    where area = %(name)s
    group by duty
),

open as materialized (
    select
        duty,
        count(*) filter (where not waived) as findings,
        count(*) filter (where red) as red,
        count(*) filter (where overdue) as overdue
    from upkeep.findings_now(%(now)s)
    where area = %(name)s
    and resolved_at is null
    and active
    group by duty
)

select
    duty.name,
    duty.title,
    duty.cadence,
    duty.kind,
    duty.owner,
    coalesce(answered.ok, 0) as ok,
    coalesce(answered.breach, 0) as breach,
    coalesce(answered.unknown, 0) as unknown,
    coalesce(answered.answers, 0) as answers,
    answered.asked_at,
    coalesce(open.findings, 0) as findings,
    coalesce(open.red, 0) as red,
    coalesce(open.overdue, 0) as overdue
from upkeep.duty as duty
left join answered
    on answered.duty = duty.name
left join open
    on open.duty = duty.name
where duty.active
and duty.area = %(name)s
order by
    coalesce(open.red, 0) desc,
    coalesce(open.findings, 0) desc,
    duty.name
