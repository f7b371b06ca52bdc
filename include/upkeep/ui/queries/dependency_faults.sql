-- Faults of packages in the newest answers, of one repository or package or of all, what is open and worst first.
select
    fault.target,
    fault.ecosystem,
    fault.package,
    fault.versions,
    fault.fault,
    fault.names,
    fault.summary,
    fault.severity::text as severity,
    fault.rated,
    fault.score,
    fault.exploited_due,
    fault.chance,
    fault.fix,
    fault.direct,
    fault.parents,
    fault.scope,
    fault.imported_by,
    fault.first_seen,
    fault.state,
    fault.because,
    fault.due_at,
    fault.due_why,
    waiver.expires_on as waived_until,
    coalesce(fault.due_at < %(now)s, false) as overdue,
    finding.fingerprint,
    count(*) over () as total
from upkeep.current_answer as newest
inner join upkeep.vulnerability as fault
    on fault.duty = newest.duty
    and fault.target = newest.target
    and fault.window_start = newest.window_start
    and fault.window_end = newest.window_end
left join upkeep.finding as finding
    on finding.duty = fault.duty
    and finding.target = fault.target
    and finding.window_start = fault.window_start
    and finding.window_end = fault.window_end
    and finding.object = fault.object
    and finding.rule = 'vulnerability'
left join lateral upkeep.waiver_for(
    fault.duty, fault.target, 'vulnerability', fault.object, (%(now)s at time zone 'UTC')::date
) as waiver
    on waiver.holds
where newest.duty = 'vulnerabilities'
and (%(target)s::text is null or fault.target = %(target)s)
and (%(package)s::text is null or fault.package = %(package)s)
and (%(ecosystem)s::text is null or fault.ecosystem = %(ecosystem)s)
order by
    fault.state = 'open' desc,
    fault.severity desc,
    fault.due_at nulls last,
    fault.target,
    fault.object
limit %(limit)s
offset %(offset)s
