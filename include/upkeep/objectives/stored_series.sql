-- Daily numbers of half a year before a moment: latency of a service, and metrics of named duties or names. One row a day and series.
with latency as (
    select
        'p95' as rule,
        'p95 of latency' as series,
        's' as unit,
        signal.window_end as ends_at,
        case
            when signal.minutes_seen >= %(seen)s * signal.minutes and signal.requests >= %(least)s
                then (signal.p95_low + coalesce(signal.p95_high, signal.p95_low)) / 2
        end as value,
        signal.p95_low as low,
        signal.p95_high as high
    from upkeep.golden_signal as signal
    where signal.target = %(service)s
    and signal.window_end <= %(end)s
    and signal.window_end > %(end)s::timestamptz - interval '180 days'
    and signal.window_end - signal.window_start between interval '23 hours' and interval '25 hours'
),

stored as (
    select
        metric.name as rule,
        concat_ws(' ', metric.duty, metric.target, metric.name, nullif(metric.labels::text, '{}')) as series,
        metric.unit,
        metric.window_end as ends_at,
        case when metric.n is null or metric.n >= %(least)s then metric.value end as value,
        metric.value as low,
        metric.value as high
    from upkeep.metric as metric
    where metric.target = any(%(targets)s)
    and (metric.duty = any(%(duties)s) or metric.name = any(%(names)s))
    and metric.at = metric.window_end
    and metric.window_end <= %(end)s
    and metric.window_end > %(end)s::timestamptz - interval '180 days'
    and metric.window_end - metric.window_start between interval '23 hours' and interval '25 hours'
)

select distinct on (found.rule, found.series, found.ends_at) found.*
from (
    table latency
    union all
    table stored
) as found
order by
    found.rule,
    found.series,
    found.ends_at,
    found.value
