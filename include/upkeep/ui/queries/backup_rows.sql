-- Every backup of some targets since a moment, and those from before it that are still kept, oldest first within each target.
select
    target,
    id,
    location,
    host,
    state,
    window_start,
    window_end,
    begun_at,
    snapshot_at,
    finished_at,
    verified_at,
    stored_bytes,
    raw_bytes,
    tables,
    rows,
    seconds,
    (select sum(stage.value::float8) from jsonb_each_text(seconds) as stage) as took,
    server_version,
    encrypted,
    legal_hold,
    damaged,
    error,
    deleted_at,
    dag_id,
    run_id,
    task_id,
    map_index
from upkeep.backup
where target = any(%(targets)s)
and (begun_at > %(since)s or state in ('complete', 'deleting'))
order by
    target,
    begun_at,
    id
