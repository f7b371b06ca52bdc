-- What each budget's month had come to and was expected to come to, as of the last answer before a moment.
\if :{?moment} \else \set moment now \endif

select distinct on (forecast.target, forecast.budget)
    forecast.target as account,
    forecast.budget,
    forecast.month,
    forecast.last_day,
    round(forecast.spent, 2) as spent,
    round(forecast.low, 2) as low,
    round(forecast.middle, 2) as expected,
    round(forecast.high, 2) as high,
    round(forecast.amount, 2) as budgeted,
    forecast.currency
from upkeep.budget_forecast as forecast
where forecast.window_end <= :'moment'::timestamptz
order by
    forecast.target,
    forecast.budget,
    forecast.window_end desc;
