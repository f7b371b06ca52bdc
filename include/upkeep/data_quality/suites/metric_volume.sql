-- How many metrics each answer that is known brought, against the median of up to seven earlier answers to the same question. Null
-- where fewer than five earlier ones, or ten metrics usually, say too little.
select
    concat(answer.duty, ' about ', answer.target, ': ', present.metrics, ' metrics, usually ', earlier.usual) as about,
    case when earlier.windows >= 5 and earlier.usual >= 10 then present.metrics / earlier.usual end as ratio
from upkeep.answer as answer
cross join lateral (
    select count(*) as metrics
    from upkeep.metric as metric
    where metric.duty = answer.duty
    and metric.target = answer.target
    and metric.window_start = answer.window_start
    and metric.window_end = answer.window_end
    and metric.at between answer.window_start and answer.window_end
) as present
cross join lateral (
    select
        count(*) as windows,
        percentile_cont(0.5) within group (order by counted.metrics) as usual
    from (
        select
            (
                select count(*)
                from upkeep.metric as metric
                where metric.duty = past.duty
                and metric.target = past.target
                and metric.window_start = past.window_start
                and metric.window_end = past.window_end
                and metric.at between past.window_start and past.window_end
            ) as metrics
        from upkeep.answer as past
        where past.duty = answer.duty
        and past.target = answer.target
        and past.cadence = answer.cadence
        and past.window_end <= answer.window_start
        and past.status <> 'unknown'
        order by past.window_end desc
        limit 7
    ) as counted
) as earlier
where answer.cadence = %(cadence)s
and answer.window_start = %(start)s
and answer.window_end = %(end)s
and answer.status <> 'unknown'
order by
    answer.duty,
    answer.target
