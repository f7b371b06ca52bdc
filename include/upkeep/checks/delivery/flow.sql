-- Deployments that went live or recovered in the window, as known at its end, with seconds from each commit to production.
-- Caveat: the first deployment of a service has no changes, since nobody knows what was live before it.
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
        when changes.leads is not null then changes.leads
        when live.committed_at is not null then array[extract(epoch from live.live_at - live.committed_at)::float8]
        else '{}'::float8[]
    end as leads
from upkeep.live_deployments(%(end)s) as live
left join lateral (
    select
        array_agg(extract(epoch from live.live_at - change.committed_at)::float8 order by change.committed_at, change.commit_id) as leads
    from upkeep.deployment_change as change
    where change.service = live.service
    and change.environment = live.environment
    and change.deployment = live.deployment
) as changes
    on true
where live.service = %(service)s
and live.environment = %(environment)s
and (live.live_at >= %(start)s or live.recovered_at >= %(start)s)
order by
    live.live_at,
    live.deployment
