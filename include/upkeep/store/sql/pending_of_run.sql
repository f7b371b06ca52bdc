-- Questions of a window that a run has put and not answered.
select
    duty,
    target,
    try_number,
    asked_at
from upkeep.pending_answer
where window_start = %(start)s
and window_end = %(end)s
and dag_id = %(dag_id)s
and run_id = %(run_id)s
