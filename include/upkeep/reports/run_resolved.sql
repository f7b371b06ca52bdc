-- What was open when a window began and no longer at its end.
select
    before.duty,
    before.target,
    before.severity::text as severity,
    before.title,
    before.first_seen
from upkeep.findings_as_of(%(start)s) as before
left join upkeep.findings_as_of(%(end)s) as after
    on after.fingerprint = before.fingerprint
where before.cadence = %(cadence)s
and before.active
and after.fingerprint is null
order by
    before.severity desc,
    before.duty,
    before.target,
    before.object,
    before.fingerprint
