-- What is known of a service's deployments: seconds of the window that an import answered, and whether any was ever recorded.
-- Caveat: an import that was not asked counts as none.
select
    coalesce((
        select sum(extract(epoch from answer.window_end - answer.window_start))
        from upkeep.answer as answer
        where answer.duty = 'import_deployments'
        and answer.target = %(service)s
        and answer.status <> 'unknown'
        and answer.window_start >= %(start)s
        and answer.window_end <= %(end)s
    ), 0)::float8 as imported_s,
    exists (
        select
        from upkeep.deployment as one
        where one.service = %(service)s
        and one.environment = %(environment)s
        and one.started_at < %(end)s
    ) as any_recorded
from (select 1) as one
