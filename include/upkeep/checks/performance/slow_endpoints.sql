-- Calls of statements on databases in a window, as the daily checks counted them: all of them, and of each statement that was plotted.
-- Caveat: a statement without a query id in `labels` is the sum of all; seconds are those that were really counted.
select
    metric.target as database,
    metric.labels ->> 'query' as query,
    (sum(metric.value) filter (where metric.name <> 'statements_span'))::float8 as calls,
    coalesce(sum(metric.value) filter (where metric.name = 'statements_span'), 0)::float8 as seconds
from upkeep.metric as metric
where metric.duty = 'query_performance'
and metric.target = any(%(databases)s)
and metric.window_start >= %(start)s
and metric.window_end <= %(end)s
and metric.at >= %(start)s
and metric.at <= %(end)s
and metric.name in ('statements_span', 'statements_calls', 'statement_calls')
group by
    metric.target,
    metric.labels ->> 'query'
order by
    database,
    query nulls first
