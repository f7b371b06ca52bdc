-- Deployments of a service that ended between two moments.
select
    concat_ws(' ', coalesce(deployment.version, deployment.deployment), 'to', deployment.environment) as what,
    deployment.finished_at
from upkeep.deployment as deployment
where deployment.service = %(service)s
and deployment.finished_at >= %(start)s
and deployment.finished_at < %(end)s
and deployment.status <> 'cancelled'
order by
    deployment.finished_at,
    deployment.environment,
    deployment.deployment
