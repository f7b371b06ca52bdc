-- Every question that was to be put: how many answers it has in the window, how many seconds before the window's end the answer was
-- given, and how many seconds it is older than the run (duties that see only the present may keep an answer of an earlier run).
select
    asked.duty || ' about ' || asked.target as about,
    count(answer.duty) as answers,
    extract(epoch from max(answer.window_end - answer.asked_at))::float8 as seconds_early,
    extract(epoch from max(run.started_at - answer.asked_at) filter (where asked.dated))::float8 as seconds_before_run
from unnest(%(duties)s::text[], %(targets)s::text[], %(dated)s::boolean[]) as asked (duty, target, dated)
left join upkeep.answer as answer
    on answer.duty = asked.duty
    and answer.target = asked.target
    and answer.window_start = %(start)s
    and answer.window_end = %(end)s
left join upkeep.run as run
    on run.cadence = answer.cadence
    and run.window_start = answer.window_start
    and run.window_end = answer.window_end
group by
    asked.duty,
    asked.target
order by
    asked.duty,
    asked.target
