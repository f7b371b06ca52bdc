-- Daily signals of some services, oldest first.
select
    signal.target as service,
    signal.window_start,
    signal.window_end,
    signal.requests,
    signal.errors,
    signal.refused,
    signal.closed,
    signal.slow,
    signal.slow_limit,
    signal.minutes,
    signal.minutes_seen,
    signal.p50_low,
    signal.p50_high,
    signal.p95_low,
    signal.p95_high,
    signal.p99_low,
    signal.p99_high
from upkeep.golden_signal_days(%(now)s - (%(days)s + 1) * interval '1 day', 'infinity', %(services)s) as signal
order by signal.window_end
