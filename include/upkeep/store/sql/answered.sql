-- Pairs of duty and target that have any answer for a window, and whether it counts for a run.
select
    answer.duty,
    answer.target,
    of_run.duty is not null as counts
from upkeep.answer as answer
left join upkeep.answers_of_run(%(cadence)s, %(start)s, %(end)s, %(dag_id)s, %(run_id)s) as of_run
    on of_run.duty = answer.duty
    and of_run.target = answer.target
where answer.cadence = %(cadence)s
and answer.window_start = %(start)s
and answer.window_end = %(end)s
