-- The newest forecasts of every database: when each limit is reached; those that reach one first, those without a forecast last.
select
    forecast.*,
    answer.dag_id,
    answer.run_id,
    answer.task_id,
    answer.map_index,
    answer.try_number,
    answer.asked_at,
    count(*) over () as total
from upkeep.capacity_forecast as forecast
inner join upkeep.answer as answer
    using (duty, target, window_start, window_end)
where forecast.window_end = (
    select max(newest.window_end)
    from upkeep.capacity_forecast as newest
    where newest.target = forecast.target
)
and (%(target)s::text is null or forecast.target = %(target)s)
order by
    forecast.reason is not null,
    coalesce(forecast.expected_at, 'infinity'),
    coalesce(forecast.earliest_at, 'infinity'),
    forecast.limit_value is null,
    forecast.target,
    forecast.measure
limit %(limit)s
offset %(offset)s
