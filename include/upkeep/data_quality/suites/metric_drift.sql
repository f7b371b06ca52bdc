-- Each metric name of a known answer against the same name in up to seven earlier windows: whether its unit stayed, and by which
-- factor the median over its labels moved. The factor is null where fewer than ten values, or five earlier windows, say too little.
with known as (
    select
        answer.duty,
        answer.target,
        answer.window_start,
        answer.window_end
    from upkeep.answer as answer
    where answer.cadence = %(cadence)s
    and answer.status <> 'unknown'
    and answer.window_end <= %(end)s
    and answer.window_end > %(start)s::timestamptz - 8 * (%(end)s::timestamptz - %(start)s::timestamptz)
),
medians as (
    select
        metric.duty,
        metric.target,
        metric.name,
        metric.window_start,
        metric.window_end,
        min(metric.unit) as unit,
        count(*) as n,
        percentile_cont(0.5) within group (order by metric.value) as median
    from known
    inner join upkeep.metric as metric
        on metric.duty = known.duty
        and metric.target = known.target
        and metric.window_start = known.window_start
        and metric.window_end = known.window_end
    where metric.at >= %(start)s::timestamptz - 8 * (%(end)s::timestamptz - %(start)s::timestamptz)
    and metric.at <= %(end)s
    group by
        metric.duty,
        metric.target,
        metric.name,
        metric.window_start,
        metric.window_end
),
usual as (
    select
        medians.duty,
        medians.target,
        medians.name,
        count(*) filter (where medians.n >= 10) as windows,
        percentile_cont(0.5) within group (order by medians.median) filter (where medians.n >= 10) as median,
        (array_agg(medians.unit order by medians.window_end desc))[1] as unit
    from medians
    where medians.window_end <= %(start)s
    group by
        medians.duty,
        medians.target,
        medians.name
)
select
    concat(
        present.duty, ' about ', present.target, ': ', present.name,
        case when present.unit <> usual.unit then concat(', ', present.unit, ' after ', usual.unit) end,
        case when usual.median is not null then concat(', median ', present.median, ', usually ', usual.median) end
    ) as about,
    present.unit = usual.unit as same_unit,
    case
        when present.n >= 10 and usual.windows >= 5 and present.median > 0 and usual.median > 0
        then greatest(present.median / usual.median, usual.median / present.median)
    end as factor
from medians as present
inner join usual
    on usual.duty = present.duty
    and usual.target = present.target
    and usual.name = present.name
where present.window_start = %(start)s
and present.window_end = %(end)s
order by
    present.duty,
    present.target,
    present.name
