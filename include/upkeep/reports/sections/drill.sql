-- Every step of the disaster drills of a window, in the order of their plans.
select
    step.target,
    step.number,
    step.name,
    step.kind,
    step.result,
    step.message,
    step.expected_seconds,
    step.seconds
from upkeep.drill_step as step
where step.window_start = %(start)s
and step.window_end = %(end)s
order by
    step.target,
    step.number
