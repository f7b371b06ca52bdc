-- The newest forecast of every budget of a bill, those that are spent or will be first.
select forecast.*
from upkeep.budget_forecast as forecast
inner join upkeep.current_answer as answer
    using (duty, target, window_start, window_end)
where forecast.target = %(account)s
and forecast.currency = %(currency)s
order by
    greatest(forecast.spent, forecast.middle) / forecast.amount desc,
    forecast.budget
