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
from upkeep.golden_signal as signal
inner join upkeep.answer as answer
    using (duty, target, window_start, window_end)
where signal.duty = 'golden_signals'
and answer.cadence = 'daily'
and signal.target = any(%(services)s)
and signal.window_end > %(now)s - %(days)s * interval '1 day'
order by signal.window_end
