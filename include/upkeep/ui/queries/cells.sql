-- The newest answers of some targets, with the worst finding that nobody accepted and how many there are.
-- The limit keeps each look to one row of the primary key, whatever the planner believes about the others.
with open as materialized (
    select
        duty,
        target,
        max(severity) as worst,
        count(*) as findings
    from upkeep.findings_now(%(now)s)
    where resolved_at is null
    and not waived
    and target = any(%(targets)s)
    group by
        duty,
        target
)

select
    answer.duty,
    answer.target,
    answer.status::text as status,
    answer.summary,
    answer.dag_id,
    answer.run_id,
    answer.task_id,
    answer.map_index,
    open.worst::text as worst,
    coalesce(open.findings, 0) as findings
from upkeep.latest_run as run
inner join upkeep.duty as duty
    on duty.cadence = run.cadence
cross join unnest(%(targets)s::text[]) as wanted (target)
cross join lateral (
    select *
    from upkeep.answer as given
    where given.duty = duty.name
    and given.target = wanted.target
    and given.window_start = run.window_start
    and given.window_end = run.window_end
    limit 1
) as answer
left join open
    on open.duty = answer.duty
    and open.target = answer.target
order by
    answer.target,
    answer.duty
