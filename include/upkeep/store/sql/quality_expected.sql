-- Every question that was to be put, and how many answers it has in the window.
select
    asked.duty,
    asked.target,
    asked.duty || ' about ' || asked.target as about,
    count(answer.duty) as answers
from unnest(%(duties)s::text[], %(targets)s::text[]) as asked (duty, target)
left join upkeep.answer as answer
    on answer.duty = asked.duty
    and answer.target = asked.target
    and answer.window_start = %(start)s
    and answer.window_end = %(end)s
group by
    asked.duty,
    asked.target
order by
    asked.duty,
    asked.target
