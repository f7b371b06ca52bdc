-- The newest answers of some targets, with the worst finding that nobody accepted and how many there are.
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
cross join unnest(%(targets)s::text[]) as wanted (target)
inner join upkeep.answer as answer
    on answer.target = wanted.target
    and answer.cadence = run.cadence
    and answer.window_end = run.window_end
    and answer.window_start = run.window_start
left join (
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
) as open
    on open.duty = answer.duty
    and open.target = answer.target
order by
    answer.target,
    answer.duty
