-- The newest restores of a target's backups.
select
    restore.id,
    restore.backup_id,
    restore.destination,
    restore.state,
    restore.begun_at,
    restore.finished_at,
    extract(epoch from restore.finished_at - restore.begun_at)::float8 as took,
    restore.seconds,
    restore.server_version,
    restore.rows,
    restore.differences,
    restore.uncertain,
    restore.exactness,
    restore.error,
    restore.asked_by,
    restore.dag_id,
    restore.run_id,
    restore.task_id,
    restore.map_index
from upkeep.restore as restore
where restore.target = %(target)s
order by
    restore.begun_at desc,
    restore.id desc
limit %(limit)s
