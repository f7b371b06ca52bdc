-- Numbers of usage in a window and as long before it, day by day: one row for each service, name and unit.
select
    daily.target as service,
    daily.name,
    daily.unit,
    array_agg(daily.value order by daily.window_end) as amounts,
    array_agg(daily.window_end order by daily.window_end) as ends
from (
    select distinct on (metric.target, metric.name, metric.window_end)
        metric.target,
        metric.name,
        metric.unit,
        metric.window_end,
        metric.value
    from upkeep.metric as metric
    where metric.duty = 'usage'
    and metric.at <= %(end)s
    and metric.at > %(start)s::timestamptz - (%(end)s::timestamptz - %(start)s::timestamptz)
    and metric.window_end = metric.at
    and metric.value between '-1e300' and '1e300'
    order by
        metric.target,
        metric.name,
        metric.window_end,
        metric.window_start desc
) as daily
group by
    daily.target,
    daily.name,
    daily.unit
order by
    daily.target,
    daily.name,
    daily.unit
