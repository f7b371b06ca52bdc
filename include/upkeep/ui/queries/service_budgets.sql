-- The newest error budgets of some services.
select
    budget.target as service,
    budget.objective,
    budget.bad_is,
    budget.goal,
    budget.days,
    budget.requests,
    budget.bad,
    budget.allowed,
    budget.budget_left,
    budget.minutes,
    budget.minutes_seen,
    budget.pages,
    budget.tickets,
    newest.window_end,
    newest.dag_id,
    newest.run_id,
    newest.task_id,
    newest.map_index
from upkeep.current_answer as newest
inner join upkeep.error_budget as budget
    on budget.duty = newest.duty
    and budget.target = newest.target
    and budget.window_start = newest.window_start
    and budget.window_end = newest.window_end
where newest.duty = 'slo'
and newest.target = any(%(services)s)
order by
    budget.target,
    budget.budget_left nulls last,
    budget.objective
