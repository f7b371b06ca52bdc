-- The deployments of a service that began last.
select
    environment,
    deployment,
    version,
    commit_id,
    merged_as,
    committed_at,
    started_at,
    finished_at,
    status,
    failed_at,
    failed_why,
    unplanned,
    deployed_by,
    source,
    url
from upkeep.deployment
where service = %(service)s
order by
    started_at desc,
    environment,
    deployment
limit %(most)s
