-- Which numbers there are of one target since a day, those of many parts last.
select
    metric.name,
    metric.duty,
    count(distinct metric.labels) as parts,
    count(*) as points
from upkeep.duty as duty
inner join upkeep.metric_day as metric
    on metric.duty = duty.name
    and metric.target = %(target)s
    and metric.day >= %(since)s::timestamptz::date
group by
    metric.name,
    metric.duty
order by
    metric.duty,
    count(distinct metric.labels),
    metric.name
