-- What some forecasts were made of: the largest share or the newest value of each day until their beginning, and what came since.
select
    forecast.target,
    forecast.measure,
    metric_day.day::timestamp at time zone 'UTC' as at,
    case when metric_day.unit = '1' then metric_day.max else metric_day.last end as value
from unnest(%(targets)s::text[], %(measures)s::text[], %(ends)s::timestamptz[]) as shown (target, measure, window_end)
inner join upkeep.capacity_forecast as forecast
    using (target, measure, window_end)
inner join upkeep.metric_day as metric_day
    on metric_day.target = forecast.target
    and metric_day.duty = forecast.metric_duty
    and metric_day.name = forecast.metric
    and metric_day.labels = forecast.labels
where metric_day.day > (forecast.begins_at at time zone 'UTC')::date - %(days)s
order by
    forecast.target,
    forecast.measure,
    metric_day.day
