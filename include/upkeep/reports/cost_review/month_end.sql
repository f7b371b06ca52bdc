-- Budgets as they were last foretold in a window.
select distinct on (forecast.target, forecast.budget)
    forecast.target as account,
    forecast.budget,
    forecast.currency,
    forecast.amount,
    forecast.spent,
    forecast.last_day,
    forecast.low,
    forecast.middle,
    forecast.high
from upkeep.budget_forecast as forecast
where forecast.month = %(month)s
and forecast.window_end <= %(known_by)s
order by
    forecast.target,
    forecast.budget,
    forecast.window_end desc
