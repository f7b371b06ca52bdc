-- Every repository whose packages were last looked at, with its faults by severity and state.
select
    newest.target,
    newest.status,
    newest.summary,
    newest.window_end,
    newest.asked_at,
    newest.dag_id,
    newest.run_id,
    newest.task_id,
    newest.map_index,
    count(fault.object) filter (where fault.state = 'open' and fault.severity = 'critical') as critical,
    count(fault.object) filter (where fault.state = 'open' and fault.severity = 'high') as high,
    count(fault.object) filter (where fault.state = 'open' and fault.severity = 'medium') as medium,
    count(fault.object) filter (where fault.state = 'open' and fault.severity = 'low') as low,
    count(fault.object) filter (where fault.state in ('accepted', 'passed')) as accepted,
    count(fault.object) filter (
        where fault.due_at < %(now)s
        and not exists (
            select
            from upkeep.waiver_for(
                fault.duty, fault.target, 'vulnerability', fault.object, (%(now)s at time zone 'UTC')::date
            ) as waiver
            where waiver.holds
        )
    ) as overdue
from upkeep.current_answer as newest
left join upkeep.vulnerability as fault
    on fault.duty = newest.duty
    and fault.target = newest.target
    and fault.window_start = newest.window_start
    and fault.window_end = newest.window_end
where newest.duty = 'vulnerabilities'
group by
    newest.target,
    newest.status,
    newest.summary,
    newest.window_end,
    newest.asked_at,
    newest.dag_id,
    newest.run_id,
    newest.task_id,
    newest.map_index
order by
    critical desc,
    high desc,
    newest.target
