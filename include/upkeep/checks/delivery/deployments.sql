-- Deployments of a service near the window, as they stood at its end. Those of earlier days cut the spans of later ones.
-- Caveat: one that ended later was running then, whatever became of it; its end stands as the window's.
select
    deployment,
    coalesce(version, left(commit_id, 10)) as version,
    started_at,
    case when finished_at < %(end)s then finished_at else %(end)s end as finished_at,
    case when finished_at < %(end)s then status else 'running' end as status,
    coalesce(finished_at < %(end)s and (status in ('succeeded', 'rolled back') or (status = 'failed' and failed_at < %(end)s)), false) as live,
    deployed_by,
    url
from upkeep.deployment
where service = %(service)s
and environment = %(environment)s
and started_at < %(end)s
and case when finished_at < %(end)s then finished_at else started_at end >= %(since)s
order by
    finished_at,
    deployment
