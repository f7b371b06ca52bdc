-- Which share of a month's cost had no value of each declared tag, by account, over the days that were judged in a window.
select
    metric.target as account,
    metric.labels ->> 'tag' as tag,
    metric.labels ->> 'currency' as currency,
    sum(metric.numerator) as without_tag,
    sum(metric.denominator) as whole,
    count(*) as days
from upkeep.metric as metric
where metric.duty = 'spend'
and metric.name = 'unallocated'
and metric.at > %(start)s
and metric.at <= %(end)s
group by
    metric.target,
    tag,
    currency
order by
    sum(metric.numerator) desc,
    metric.target,
    tag,
    currency
