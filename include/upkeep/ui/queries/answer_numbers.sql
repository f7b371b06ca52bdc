-- What one answer measured, while single numbers are kept.
select
    metric.name,
    metric.labels,
    metric.at,
    metric.value,
    metric.unit,
    metric.numerator,
    metric.denominator,
    metric.n,
    count(*) over () as total
from upkeep.metric as metric
where metric.duty = %(duty)s
and metric.target = %(target)s
and metric.window_start = %(start)s
and metric.window_end = %(end)s
and metric.at >= %(start)s
and metric.at <= %(end)s
order by
    metric.name,
    metric.labels,
    metric.at
limit %(limit)s
