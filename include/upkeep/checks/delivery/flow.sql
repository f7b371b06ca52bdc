-- Deployments that went live or recovered in the window, as known at its end, with seconds from each commit to production.
-- Caveat: a commit counts with the first deployment without a failure that had it; what came again has no commits of its own.
-- The first deployment has none either, since nobody knows what was live before it; null where nobody told of any.
with live as materialized (
    select one.*
    from upkeep.live_deployments(%(end)s, services => array[%(service)s]) as one
    where one.environment = %(environment)s
),

brought as (
    select
        live.deployment,
        live.live_at,
        live.failed_at,
        coalesce(change.commit_id, live.commit_id, live.version, live.deployment) as commit_id,
        coalesce(change.committed_at, live.committed_at) as committed_at
    from live
    left join upkeep.deployment_change as change
        on change.service = live.service
        and change.environment = live.environment
        and change.deployment = live.deployment
),

ordered as (
    select
        brought.*,
        row_number() over (
            partition by brought.commit_id
            order by
                brought.failed_at is not null,
                brought.live_at,
                brought.deployment
        ) as place
    from brought
),

told as (
    select
        one.deployment,
        bool_and(one.committed_at is null) filter (where one.place = 1) as untold,
        array_agg(extract(epoch from one.live_at - one.committed_at)::float8 order by one.committed_at, one.commit_id)
            filter (where one.place = 1 and one.committed_at is not null) as leads
    from ordered as one
    group by one.deployment
)

select
    live.deployment,
    live.live_at,
    live.previous,
    live.failed_at,
    live.failed_why,
    live.recovered_at,
    live.rework,
    case
        when live.previous is null then '{}'::float8[]
        when told.untold then null
        else coalesce(told.leads, '{}')
    end as leads
from live
inner join told
    on told.deployment = live.deployment
where live.live_at >= %(start)s
or live.recovered_at >= %(start)s
order by
    live.live_at,
    live.deployment
