-- Red findings of one answer, worst first: waived ones are not red.
select
    severity::text as severity,
    title,
    remedy
from upkeep.findings_as_of(%(end)s)
where duty = %(duty)s
and target = %(target)s
and last_seen = %(end)s
and red
order by
    findings_as_of.severity desc,
    rule,
    object
