-- Deployments of a service that ended near the window, with how each ended. Those of earlier days cut the spans of later ones.
select
    deployment,
    coalesce(version, left(commit_id, 10)) as version,
    started_at,
    finished_at,
    status,
    deployed_by,
    url
from upkeep.deployment
where service = %(service)s
and environment = %(environment)s
and finished_at >= %(since)s
and finished_at < %(end)s
order by
    finished_at,
    deployment
