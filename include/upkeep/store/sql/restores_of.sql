-- Every restore of a target's backups, newest first.
select
    id,
    backup_id,
    target,
    destination,
    state,
    begun_at,
    finished_at,
    seconds,
    server_version,
    rows,
    differences,
    uncertain,
    detail,
    exactness,
    manifest_sha256,
    error,
    asked_by
from upkeep.restore
where target = %(target)s
order by
    begun_at desc,
    id desc
