-- Every backup of a target, newest first.
select
    id,
    target,
    location,
    host,
    connection,
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
    server_version,
    system_identifier,
    encrypted,
    manifest_sha256,
    table_rows,
    legal_hold,
    damaged,
    error,
    deleted_at
from upkeep.backup
where target = %(target)s
order by
    begun_at desc,
    id desc
