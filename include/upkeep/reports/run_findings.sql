-- What was open at the end of a window, worst first, and what had become of it since the window began.
-- Caveat: a finding whose duty could not tell in this window stays open and was last seen earlier.
select
    fingerprint,
    duty,
    coalesce(area, '') as area,
    target,
    coalesce(owner, '') as owner,
    coalesce(owner_slack, '') as owner_slack,
    coalesce(runbook, '') as runbook,
    object,
    severity::text as severity,
    title,
    remedy,
    first_seen,
    found_at,
    last_seen,
    due_at,
    waived_until,
    waived,
    overdue,
    red,
    first_seen > %(start)s and reopened = 0 as new,
    first_seen > %(start)s and reopened > 0 as reopened
from upkeep.findings_as_of(%(end)s)
where cadence = %(cadence)s
and active
order by
    waived,
    red desc,
    findings_as_of.severity desc,
    area,
    duty,
    target,
    object,
    fingerprint
