-- Deployments of some services over some days, newest first; of each service so many.
select
    found.service,
    found.environment,
    found.deployment,
    found.version,
    found.started_at,
    found.finished_at,
    found.status,
    found.failed_at,
    found.failed_why,
    found.deployed_by,
    found.url
from (
    select
        deployment.*,
        row_number() over (partition by deployment.service order by deployment.started_at desc, deployment.deployment) as place
    from upkeep.deployment as deployment
    where deployment.service = any(%(services)s)
    and deployment.started_at > %(now)s - %(days)s * interval '1 day'
    and deployment.started_at <= %(now)s
) as found
where found.place <= %(most)s
order by
    found.service,
    found.started_at desc,
    found.deployment
