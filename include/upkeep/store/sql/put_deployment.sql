-- One deployment by its key. An end is never taken back by an older status, and what is known and not told again stays.
insert into upkeep.deployment as known (
    service,
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
)
values (
    %(service)s,
    %(environment)s,
    %(deployment)s,
    %(version)s,
    %(commit_id)s,
    %(merged_as)s,
    %(committed_at)s,
    %(started_at)s,
    %(finished_at)s,
    %(status)s,
    %(failed_at)s,
    %(failed_why)s,
    %(unplanned)s,
    %(deployed_by)s,
    %(source)s,
    %(url)s
)
on conflict (service, environment, deployment) do update
    set
        version = coalesce(excluded.version, known.version),
        commit_id = coalesce(excluded.commit_id, known.commit_id),
        merged_as = coalesce(excluded.merged_as, known.merged_as),
        committed_at = coalesce(excluded.committed_at, known.committed_at),
        started_at = excluded.started_at,
        finished_at = excluded.finished_at,
        status = excluded.status,
        failed_at = coalesce(known.failed_at, excluded.failed_at),
        failed_why = coalesce(known.failed_why, excluded.failed_why),
        unplanned = coalesce(excluded.unplanned, known.unplanned),
        deployed_by = coalesce(excluded.deployed_by, known.deployed_by),
        url = coalesce(excluded.url, known.url)
    where (excluded.status <> 'running' or known.status = 'running')
    and (known.status <> 'rolled back' or excluded.status = 'rolled back')
    and (
        known.started_at,
        known.finished_at,
        known.status,
        coalesce(excluded.version, known.version),
        coalesce(excluded.commit_id, known.commit_id),
        coalesce(excluded.merged_as, known.merged_as),
        coalesce(excluded.committed_at, known.committed_at),
        coalesce(known.failed_at, excluded.failed_at),
        coalesce(known.failed_why, excluded.failed_why),
        coalesce(excluded.unplanned, known.unplanned),
        coalesce(excluded.deployed_by, known.deployed_by),
        coalesce(excluded.url, known.url)
    ) is distinct from (
        excluded.started_at,
        excluded.finished_at,
        excluded.status,
        known.version,
        known.commit_id,
        known.merged_as,
        known.committed_at,
        known.failed_at,
        known.failed_why,
        known.unplanned,
        known.deployed_by,
        known.url
    )
