-- Metrics of a window. off: how far a share is from its numerator divided by its denominator, relative to the larger of 1 and that
-- quotient; seconds_outside: how far its moment lies outside the window.
select
    metric.duty || ' about ' || metric.target || ': ' || metric.name
    || case when metric.labels = '{}' then '' else ' ' || metric.labels::text end as about,
    metric.value,
    case when metric.unit = '1' then metric.value end as share,
    case
        when metric.unit = '1' and metric.numerator is not null and metric.denominator <> 0
        then abs(metric.value - metric.numerator / metric.denominator)
            / greatest(1, abs(metric.numerator / metric.denominator))
    end as off,
    extract(epoch from greatest(metric.window_start - metric.at, metric.at - metric.window_end, interval '0'))::float8
        as seconds_outside
from upkeep.metric as metric
inner join upkeep.answer as answer
    on answer.duty = metric.duty
    and answer.target = metric.target
    and answer.window_start = metric.window_start
    and answer.window_end = metric.window_end
where answer.cadence = %(cadence)s
and answer.window_start = %(start)s
and answer.window_end = %(end)s
order by
    metric.duty,
    metric.target,
    metric.name,
    metric.labels,
    metric.at
