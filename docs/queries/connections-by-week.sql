-- How full each server's connections were, week by week: the mean day, and the fullest.
\if :{?moment} \else \set moment now \endif

select
    day.target,
    day.labels ->> 'scope' as scope,
    day.labels ->> 'name' as name,
    date_trunc('week', day.day)::date as week,
    round(avg(day.avg)::numeric, 3) as mean_share,
    round(max(day.max)::numeric, 3) as fullest_share
from upkeep.metric_day as day
where day.name = 'connections_used'
and day.day > :'moment'::date - 84
and day.day < :'moment'::date
group by
    day.target,
    scope,
    day.labels ->> 'name',
    week
order by
    day.target,
    scope,
    name,
    week;
