-- Error budgets of services at the end of each window up to the end of this one, oldest first.
select distinct on (budget.target, budget.objective, budget.window_end)
    budget.target as service,
    budget.objective,
    (budget.window_end - interval '1 microsecond') as told_at,
    budget.days,
    budget.requests,
    budget.bad,
    budget.allowed::float8 as allowed,
    budget.budget_left
from upkeep.error_budget as budget
where budget.window_end > %(since)s
and budget.window_end <= %(end)s
order by
    budget.target,
    budget.objective,
    budget.window_end,
    budget.window_start desc
