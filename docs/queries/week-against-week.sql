-- What moved most between the last 7 days before a moment and the 7 days before those, by metric and target.
-- Caveat: labels are taken together, so a metric with many labels shows their mean.
\if :{?moment} \else \set moment now \endif

select
    weeks.name,
    weeks.target,
    weeks.unit,
    round(weeks.before::numeric, 3) as week_before,
    round(weeks.now::numeric, 3) as last_week,
    round((weeks.now / weeks.before - 1)::numeric, 3) as changed_by
from (
    select
        day.name,
        day.target,
        day.unit,
        avg(day.avg) filter (where day.day < :'moment'::date - 7) as before,
        avg(day.avg) filter (where day.day >= :'moment'::date - 7) as now
    from upkeep.metric_day as day
    where day.day >= :'moment'::date - 14
    and day.day < :'moment'::date
    group by
        day.name,
        day.target,
        day.unit
) as weeks
where weeks.before > 0
and weeks.now is not null
order by
    abs(ln(greatest(weeks.now, 1e-9) / weeks.before)) desc,
    weeks.name,
    weeks.target
limit 30;
