-- Who has what open, and for how long, as of a moment. Waived findings are counted apart.
\if :{?moment} \else \set moment now \endif

select
    coalesce(finding.owner, 'nobody') as owner,
    finding.severity,
    count(*) filter (where not finding.waived) as open,
    count(*) filter (where finding.overdue) as overdue,
    count(*) filter (where finding.waived) as waived,
    min(finding.found_at) as oldest_found_at,
    round(extract(epoch from max(:'moment'::timestamptz - finding.found_at)) / 86400) as oldest_days
from upkeep.findings_as_of(:'moment') as finding
where finding.active
group by
    finding.owner,
    finding.severity
order by
    finding.severity desc,
    oldest_days desc,
    owner;
