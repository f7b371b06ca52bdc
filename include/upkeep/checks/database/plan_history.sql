-- The plans of slow statements that daily runs kept of one target's server log, oldest first; texts and plans are without constants.
select
    answer.window_end as at,
    statement ->> 'query' as shape,
    statement ->> 'text' as text,
    statement ->> 'plan' as plan
from upkeep.answer as answer
cross join lateral pg_catalog.jsonb_array_elements(answer.evidence -> 'slowest') as statement
where answer.duty = 'slow_queries'
and answer.target = %(target)s
and answer.window_end > %(start)s
and answer.window_end <= %(end)s
and pg_catalog.jsonb_typeof(answer.evidence -> 'slowest') = 'array'
and statement ->> 'plan' is not null
order by
    at,
    shape
