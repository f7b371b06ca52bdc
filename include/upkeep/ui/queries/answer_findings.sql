-- What one answer found, worst first.
select
    finding.severity::text as severity,
    finding.title,
    finding.object,
    finding.remedy,
    finding.found_at,
    count(*) over () as total
from upkeep.finding as finding
where finding.duty = %(duty)s
and finding.target = %(target)s
and finding.window_start = %(start)s
and finding.window_end = %(end)s
order by
    finding.severity desc,
    finding.object,
    finding.fingerprint
limit %(limit)s
