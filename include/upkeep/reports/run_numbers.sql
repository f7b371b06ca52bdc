-- The headline numbers of a window (those without labels) beside the mean of up to seven earlier windows of their duty and target.
-- Caveat: of a number with several moments in one window the newest counts.
with present as (
    select distinct on (metric.target, metric.name, metric.duty)
        metric.duty,
        metric.target,
        metric.name,
        metric.unit,
        metric.value
    from upkeep.metric as metric
    inner join upkeep.answer as answer
        on answer.duty = metric.duty
        and answer.target = metric.target
        and answer.window_start = metric.window_start
        and answer.window_end = metric.window_end
    where answer.cadence = %(cadence)s
    and metric.window_start = %(start)s
    and metric.window_end = %(end)s
    and metric.labels = '{}'
    and metric.value not in ('NaN', 'Infinity', '-Infinity')
    order by
        metric.target,
        metric.name,
        metric.duty,
        metric.at desc
)

select
    present.duty,
    present.target,
    present.name,
    present.unit,
    present.value,
    earlier.mean as before,
    coalesce(earlier.windows, 0)::integer as windows
from present
left join lateral (
    select
        pg_catalog.avg(seen.value) as mean,
        pg_catalog.count(*) as windows
    from (
        select
            metric.window_end,
            (pg_catalog.array_agg(metric.value order by metric.at desc))[1] as value
        from upkeep.metric as metric
        where metric.duty = present.duty
        and metric.target = present.target
        and metric.name = present.name
        and metric.labels = '{}'
        and metric.window_end <= %(start)s
        and metric.at <= %(start)s
        and metric.at > %(since)s
        and metric.value not in ('NaN', 'Infinity', '-Infinity')
        group by metric.window_end
        order by metric.window_end desc
        limit 7
    ) as seen
) as earlier
    on true
order by
    present.target,
    present.duty,
    present.name
