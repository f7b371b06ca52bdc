-- Steps of disaster drills, newest drill first, each drill in the order of its plan, with the run that did it.
-- `needed` steps are what the recovery needed and the plan has not.
select
    step.target,
    step.window_start,
    step.window_end,
    step.number,
    step.name,
    step.kind,
    step.result,
    step.message,
    step.expected_seconds,
    step.seconds,
    step.tested_at,
    step.backup_id,
    step.plan_sha256,
    answer.status,
    answer.summary,
    answer.evidence ->> 'network' as network,
    answer.dag_id,
    answer.run_id,
    answer.task_id,
    answer.map_index
from upkeep.drill_step as step
inner join upkeep.answer as answer
    using (duty, target, window_start, window_end)
where (%(target)s::text is null or step.target = %(target)s)
and step.window_end > %(since)s
order by
    step.window_end desc,
    step.target,
    step.number
limit %(limit)s
