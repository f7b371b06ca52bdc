-- Daily signals of services summed over three weeks: the window (period 0), the week before (1), and 52 weeks before (2).
with period (period, period_start, period_end) as (
    values
        (0, %(start)s::timestamptz, %(end)s::timestamptz),
        (1, %(start)s::timestamptz - (%(end)s::timestamptz - %(start)s::timestamptz), %(start)s::timestamptz),
        (2, %(start)s::timestamptz - interval '364 days', %(end)s::timestamptz - interval '364 days')
)

select
    signal.target as service,
    period.period,
    sum(signal.requests)::bigint as requests,
    sum(signal.errors)::bigint as errors,
    case when count(signal.slow) = count(*) then sum(signal.slow)::bigint end as slow,
    sum(signal.minutes)::bigint as minutes,
    sum(signal.minutes_seen)::bigint as minutes_seen,
    extract(epoch from max(period.period_end - period.period_start))::bigint / 60 as minutes_of_period,
    array_agg(signal.requests order by signal.window_end) as requests_by_day
from period
cross join lateral upkeep.golden_signal_days(period.period_start, period.period_end) as signal
group by signal.target, period.period
order by signal.target, period.period
