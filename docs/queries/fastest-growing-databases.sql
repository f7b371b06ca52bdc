-- Which databases grew most in the 30 days before a moment, in bytes a day between their first and last day.
-- Caveat: a database with a single day in that time is left out.
\if :{?moment} \else \set moment now \endif

select
    ends.target,
    ends.database,
    pg_size_pretty(ends.last_bytes::bigint) as size,
    pg_size_pretty(((ends.last_bytes - ends.first_bytes) / ends.days)::bigint) as a_day,
    round((ends.last_bytes / nullif(ends.first_bytes, 0) - 1)::numeric, 3) as grown_by
from (
    select
        day.target,
        day.labels ->> 'database' as database,
        max(day.day) - min(day.day) as days,
        (array_agg(day.last order by day.day))[1] as first_bytes,
        (array_agg(day.last order by day.day desc))[1] as last_bytes
    from upkeep.metric_day as day
    where day.name = 'database_bytes'
    and day.day >= :'moment'::date - 30
    and day.day < :'moment'::date
    group by
        day.target,
        database
) as ends
where ends.days > 0
order by
    (ends.last_bytes - ends.first_bytes) / ends.days desc,
    ends.target,
    ends.database
limit 20;
