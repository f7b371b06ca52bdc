-- Stored numbers of one target by day (UTC) in a span: of a share the largest of the day, of everything else the newest.
select
    metric_day.name,
    metric_day.labels,
    metric_day.unit,
    metric_day.day,
    case when metric_day.unit = '1' then metric_day.max else metric_day.last end as value
from upkeep.metric_day as metric_day
inner join unnest(%(duties)s::text[], %(names)s::text[]) as wanted (duty, name)
    on wanted.duty = metric_day.duty
    and wanted.name = metric_day.name
where metric_day.target = %(target)s
and metric_day.day >= (%(since)s::timestamptz at time zone 'UTC')::date
and metric_day.day < (%(end)s::timestamptz at time zone 'UTC')::date
order by
    metric_day.name,
    metric_day.labels::text,
    metric_day.day
