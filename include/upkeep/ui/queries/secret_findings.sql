-- What is in the way of some secrets: open findings of the duties about them, worst first, and rotations that could not be asked for.
select
    life.target,
    life.severity::text as severity,
    finding.title,
    finding.remedy,
    answer.asked_at,
    answer.duty,
    answer.dag_id,
    answer.run_id,
    answer.task_id,
    answer.map_index
from upkeep.findings_now(%(now)s) as life
inner join upkeep.finding as finding
    using (duty, target, window_start, window_end, fingerprint)
inner join upkeep.answer as answer
    using (duty, target, window_start, window_end)
where life.target = any(%(names)s)
and life.resolved_at is null
and life.active
and not life.waived
union all
select
    answer.target,
    'unknown' as severity,
    answer.summary as title,
    coalesce(answer.evidence ->> 'remedy', '') as remedy,
    answer.asked_at,
    answer.duty,
    answer.dag_id,
    answer.run_id,
    answer.task_id,
    answer.map_index
from upkeep.current_answer as answer
where answer.target = any(%(names)s)
and answer.duty in ('secret_age', 'secret_rotation')
and answer.status = 'unknown'
order by
    target,
    severity,
    title
