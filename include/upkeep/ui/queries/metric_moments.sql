-- Some numbers of one target as measured, oldest first; of several windows that speak of one moment the newest counts.
select distinct on (duty, name, labels, at)
    duty,
    name,
    unit,
    labels,
    at,
    value
from upkeep.metric
where duty = any(%(duties)s)
and name = any(%(names)s)
and target = %(target)s
and at >= %(since)s
order by
    duty,
    name,
    labels,
    at,
    window_end desc
