-- The newest value of each day of some numbers of one target, oldest first.
select
    duty,
    name,
    unit,
    labels,
    day::timestamp at time zone 'UTC' as at,
    last as value
from upkeep.metric_day
where duty = any(%(duties)s)
and name = any(%(names)s)
and target = %(target)s
and day >= %(since)s::timestamptz::date
order by
    duty,
    name,
    labels,
    day
