-- Every level that was foretold for a window, those that reach a limit first.
select
    forecast.target,
    forecast.measure,
    forecast.unit,
    forecast.value_now,
    forecast.limit_value,
    forecast.reason,
    forecast.earliest_at,
    forecast.expected_at,
    forecast.latest_at,
    forecast.horizon_at,
    forecast.chance,
    forecast.tested,
    forecast.held,
    forecast.past_days,
    forecast.low,
    forecast.middle,
    forecast.high
from upkeep.capacity_forecast as forecast
where forecast.window_start = %(start)s
and forecast.window_end = %(end)s
order by
    forecast.reason is not null,
    coalesce(forecast.expected_at, 'infinity'),
    coalesce(forecast.earliest_at, 'infinity'),
    forecast.limit_value is null,
    forecast.target,
    forecast.measure
