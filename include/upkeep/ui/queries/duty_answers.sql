-- The newest answers to one duty that pass the filters, a page of them: breaches by their worst finding, then unknowns.
with open as materialized (
    select
        target,
        max(severity) filter (where not waived) as worst,
        count(*) as findings
    from upkeep.findings_now(%(now)s)
    where duty = %(name)s
    and resolved_at is null
    group by target
)

select
    answer.target,
    target.owner,
    answer.status::text as status,
    answer.summary,
    answer.evidence ->> 'remedy' as remedy,
    answer.asked_at,
    answer.seconds,
    answer.dag_id,
    answer.run_id,
    answer.task_id,
    answer.map_index,
    open.worst::text as worst,
    coalesce(open.findings, 0) as findings,
    count(*) over () as total
from (
    select run.*
    from upkeep.latest_run as run
    inner join upkeep.duty as duty
        on duty.cadence = run.cadence
        and duty.name = %(name)s
) as run
cross join lateral (
    select *
    from upkeep.answer as given
    where given.duty = %(name)s
    and given.window_end = run.window_end
    and given.window_start = run.window_start
    offset 0
) as answer
left join upkeep.target as target
    on target.name = answer.target
left join open
    on open.target = answer.target
where (%(state)s::text is null or answer.status::text = %(state)s)
and (%(text)s::text is null or position(lower(%(text)s) in lower(answer.target || ' ' || answer.summary)) > 0)
order by
    array_position(array['breach', 'unknown', 'ok'], answer.status::text),
    open.worst desc nulls last,
    answer.target
limit %(limit)s
offset %(offset)s
