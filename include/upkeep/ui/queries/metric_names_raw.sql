-- Which numbers there are of one target since a moment, as measured.
select
    metric.name,
    metric.duty,
    count(distinct metric.labels) as parts,
    count(*) as points
from upkeep.duty as duty
inner join upkeep.metric as metric
    on metric.duty = duty.name
    and metric.target = %(target)s
    and metric.at >= %(since)s
    and metric.window_start >= %(since)s - interval '100 days'
group by
    metric.name,
    metric.duty
order by
    metric.duty,
    count(distinct metric.labels),
    metric.name
