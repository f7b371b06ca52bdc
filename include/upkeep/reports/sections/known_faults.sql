-- Open faults of packages in answers of a window, one row for each package, its worst first, with the version that closes most.
select
    fault.ecosystem,
    fault.package,
    (array_agg(fault.fix order by fault.severity desc, fault.fix) filter (where fault.fix is not null))[1] as fix,
    array_agg(distinct fault.target order by fault.target) as targets,
    count(distinct fault.fault)::int8 as faults,
    (count(*) filter (where fault.due_at < %(end)s))::int8 as overdue,
    (count(*) filter (where fault.exploited_due is not null))::int8 as exploited,
    max(fault.severity)::text as worst,
    min(fault.due_at) as due_at
from upkeep.vulnerability as fault
inner join upkeep.answer as answer
    on answer.duty = fault.duty
    and answer.target = fault.target
    and answer.window_start = fault.window_start
    and answer.window_end = fault.window_end
where fault.state = 'open'
and fault.window_start = %(start)s
and fault.window_end = %(end)s
group by
    fault.ecosystem,
    fault.package
order by
    max(fault.severity) desc,
    min(fault.due_at),
    fault.ecosystem,
    fault.package
