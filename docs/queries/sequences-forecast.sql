-- When sequences will be used up if they go on as in the 60 days before a moment (least squares over days).
-- Caveat: sequences with fewer than 7 days, or that stand still, have no forecast.
\if :{?moment} \else \set moment now \endif

select
    line.target,
    line.sequence,
    round(line.used::numeric, 4) as used,
    round((line.slope * 30)::numeric, 5) as used_per_30_days,
    ceil((1 - line.used) / line.slope) as days_left,
    (:'moment'::timestamptz + least((1 - line.used) / line.slope, 36500) * interval '1 day')::date as full_on
from (
    select
        day.target,
        day.labels ->> 'sequence' as sequence,
        count(*) as days,
        (array_agg(day.last order by day.day desc))[1] as used,
        regr_slope(day.last, day.day - :'moment'::date) as slope
    from upkeep.metric_day as day
    where day.name = 'sequence_used'
    and day.day >= :'moment'::date - 60
    and day.day < :'moment'::date
    group by
        day.target,
        sequence
) as line
where line.days >= 7
and line.slope > 0
order by
    days_left,
    line.target,
    line.sequence
limit 20;
