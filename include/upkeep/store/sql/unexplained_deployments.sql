-- Deployments of a source that went live in the window after another commit, and whose changes are not known yet.
select
    one.environment,
    one.deployment,
    before.commit_id as base,
    one.commit_id as head
from upkeep.live_deployments(%(end)s, services => array[%(service)s]) as one
inner join upkeep.live_deployments(%(end)s, services => array[%(service)s]) as before
    on before.environment = one.environment
    and before.deployment = one.previous
where one.live_at >= %(start)s
and one.commit_id <> before.commit_id
and exists (
    select
    from upkeep.deployment as row
    where row.service = one.service
    and row.environment = one.environment
    and row.deployment = one.deployment
    and row.source = %(source)s
)
and not exists (
    select
    from upkeep.deployment_change as change
    where change.service = one.service
    and change.environment = one.environment
    and change.deployment = one.deployment
)
order by
    one.live_at,
    one.environment,
    one.deployment
