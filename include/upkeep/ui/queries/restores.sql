-- Restores by id, or of one DAG run, newest first, with what is known of their backups. A run has one for each try.
select
    restore.id,
    restore.backup_id,
    restore.target,
    restore.destination,
    restore.state,
    restore.begun_at,
    restore.finished_at,
    extract(epoch from coalesce(restore.finished_at, now()) - restore.begun_at)::float8 as took,
    restore.seconds,
    restore.server_version,
    restore.rows,
    restore.differences,
    restore.uncertain,
    restore.detail,
    restore.exactness,
    restore.manifest_sha256,
    restore.error,
    restore.asked_by,
    restore.dag_id,
    restore.run_id,
    restore.task_id,
    restore.map_index,
    backup.snapshot_at,
    backup.stored_bytes,
    backup.raw_bytes,
    backup.tables as backup_tables,
    backup.rows as backup_rows,
    backup.server_version as backup_version,
    backup.location,
    backup.host
from upkeep.restore as restore
left join upkeep.backup as backup
    on backup.id = restore.backup_id
where restore.id = %(id)s
or (restore.dag_id = %(dag_id)s and restore.run_id = %(run_id)s)
order by
    restore.begun_at desc,
    restore.id desc
limit 20
