-- How many findings are open now, of which kind.
select
    count(*) filter (where red) as red,
    min(found_at) filter (where red) as red_since,
    count(*) filter (where overdue) as overdue,
    count(*) filter (where waived) as waived,
    count(*) filter (where not waived) as open,
    count(*) filter (where not waived and severity = 'critical') as critical,
    count(*) filter (where not waived and severity = 'high') as high,
    count(*) filter (where not waived and severity = 'medium') as medium,
    count(*) filter (where not waived and severity = 'low') as low
from upkeep.findings_now(%(now)s)
where resolved_at is null
and active
