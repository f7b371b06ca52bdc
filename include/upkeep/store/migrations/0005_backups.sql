-- Backups and restores: which there are, how far each has got, and what was proven of it.

create table upkeep.backup (
    id text primary key,
    target text not null,
    location text not null,
    host text,
    connection text,
    state text not null check (state in ('taking', 'complete', 'failed', 'deleting', 'deleted')),
    window_start timestamptz not null,
    window_end timestamptz not null,
    begun_at timestamptz not null,
    snapshot_at timestamptz,
    finished_at timestamptz,
    verified_at timestamptz,
    stored_bytes bigint check (stored_bytes >= 0),
    raw_bytes bigint check (raw_bytes >= 0),
    tables integer check (tables >= 0),
    rows bigint check (rows >= 0),
    seconds jsonb not null default '{}' check (pg_catalog.jsonb_typeof(seconds) = 'object'),
    server_version integer,
    system_identifier text,
    encrypted boolean not null default false,
    manifest_sha256 text,
    table_rows jsonb not null default '{}' check (pg_catalog.jsonb_typeof(table_rows) = 'object'),
    legal_hold text check (legal_hold <> ''),
    damaged text,
    error text,
    deleted_at timestamptz,
    dag_id text not null,
    run_id text not null,
    task_id text not null,
    map_index integer not null,
    check (window_start < window_end),
    constraint complete_is_proven check (
        state <> 'complete'
        or snapshot_at is not null and verified_at is not null and manifest_sha256 is not null
    )
);
create index backup_by_target on upkeep.backup (target, begun_at desc);
create index backup_complete on upkeep.backup (target, snapshot_at desc) where state = 'complete';
create index backup_by_window on upkeep.backup (window_end, window_start);
comment on table upkeep.backup is
'Every backup that Upkeep took or tried to take. Rows stay when a backup''s objects are deleted, so that it is known what there was.';
comment on column upkeep.backup.id is 'Its name in the object store: when it was begun (UTC) and six random digits.';
comment on column upkeep.backup.target is 'Database of the inventory.';
comment on column upkeep.backup.location is 'URL of the folder that its objects are in.';
comment on column upkeep.backup.host is 'The host whose local disk it is on; null when every worker reaches it.';
comment on column upkeep.backup.connection is 'Airflow connection of its store; null when it needs none.';
comment on column upkeep.backup.state is
'taking; complete: every object was read back and then the manifest was stored; failed: nothing of it is kept; deleting; deleted.';
comment on column upkeep.backup.window_start is 'Start of the window of the run that took it.';
comment on column upkeep.backup.window_end is 'End of the window of the run that took it.';
comment on column upkeep.backup.begun_at is 'When it was begun.';
comment on column upkeep.backup.snapshot_at is 'The moment whose content it holds.';
comment on column upkeep.backup.finished_at is 'When it was complete, or had failed.';
comment on column upkeep.backup.verified_at is 'When every object was last read back and compared with what was written.';
comment on column upkeep.backup.stored_bytes is 'Bytes of its objects as stored: compressed, encrypted.';
comment on column upkeep.backup.raw_bytes is 'Bytes of its objects before compression.';
comment on column upkeep.backup.tables is 'Tables in it.';
comment on column upkeep.backup.rows is 'Rows of all its tables.';
comment on column upkeep.backup.seconds is 'How long each stage took, in seconds.';
comment on column upkeep.backup.server_version is 'Major version of the server it was taken from.';
comment on column upkeep.backup.system_identifier is 'The server''s own identifier: another one means another cluster.';
comment on column upkeep.backup.encrypted is 'Whether its objects can only be read with a private key.';
comment on column upkeep.backup.manifest_sha256 is 'Checksum of its manifest, so that an exchanged one is noticed.';
comment on column upkeep.backup.table_rows is 'Rows of each table in the snapshot, by the table''s quoted name.';
comment on column upkeep.backup.legal_hold is 'Why a person wants it kept whatever its age; null when nobody does.';
comment on column upkeep.backup.damaged is 'What a later look found wrong with it; null when nothing was.';
comment on column upkeep.backup.error is 'Why it failed.';
comment on column upkeep.backup.deleted_at is 'When the last of its objects was deleted.';
comment on column upkeep.backup.dag_id is 'DAG of the task that took it.';
comment on column upkeep.backup.run_id is 'Run of that task.';
comment on column upkeep.backup.task_id is 'That task.';
comment on column upkeep.backup.map_index is 'Its index among the mapped ones; -1 when it is not mapped.';

create table upkeep.backup_hold (
    backup_id text not null references upkeep.backup,
    said_at timestamptz not null default pg_catalog.clock_timestamp(),
    held boolean not null,
    why text,
    said_by text not null,
    primary key (backup_id, said_at)
);
comment on table upkeep.backup_hold is 'Who held a backup or let go of it, when and why. Rows are only added; what holds now is upkeep.backup.legal_hold.';
comment on column upkeep.backup_hold.backup_id is 'The backup.';
comment on column upkeep.backup_hold.said_at is 'When it was said.';
comment on column upkeep.backup_hold.held is 'True when it was held, false when it was let go.';
comment on column upkeep.backup_hold.why is 'The reason, in that person''s words.';
comment on column upkeep.backup_hold.said_by is 'Who said it.';

-- No reference to backup: after the loss of the report database a restore is made from the manifest alone, and is to be kept too.
create table upkeep.restore (
    id text primary key,
    backup_id text not null,
    target text not null,
    destination text not null,
    state text not null check (state in ('running', 'proven', 'differs', 'failed', 'refused')),
    begun_at timestamptz not null,
    finished_at timestamptz,
    seconds jsonb not null default '{}' check (pg_catalog.jsonb_typeof(seconds) = 'object'),
    server_version integer,
    rows bigint check (rows >= 0),
    differences text[] not null default '{}',
    uncertain text[] not null default '{}',
    detail jsonb not null default '{}' check (pg_catalog.jsonb_typeof(detail) = 'object'),
    exactness text,
    manifest_sha256 text,
    error text,
    asked_by text,
    dag_id text not null,
    run_id text not null,
    task_id text not null,
    map_index integer not null,
    constraint proven_has_no_difference check (state <> 'proven' or pg_catalog.cardinality(differences) = 0)
);
create index restore_by_target on upkeep.restore (target, begun_at desc);
create index restore_by_backup on upkeep.restore (backup_id);
comment on table upkeep.restore is 'Every restore of a backup: where to, how long it took, and how the result compared with the manifest.';
comment on column upkeep.restore.id is 'When it was begun (UTC) and random digits.';
comment on column upkeep.restore.backup_id is 'The backup. Its row is missing when the report database is younger than the backup.';
comment on column upkeep.restore.target is 'Database of the inventory that the backup is of.';
comment on column upkeep.restore.destination is 'Where it was restored to.';
comment on column upkeep.restore.state is
'running; proven: the result is what the manifest says; differs: it was restored but is not; failed: it could not be restored; '
'refused: nothing was begun, because of the destination or of what was asked for.';
comment on column upkeep.restore.begun_at is 'When it was begun.';
comment on column upkeep.restore.finished_at is 'When it had ended, well or not.';
comment on column upkeep.restore.seconds is 'How long each stage took, in seconds.';
comment on column upkeep.restore.server_version is 'Major version of the server it was restored into.';
comment on column upkeep.restore.rows is 'Rows that were counted and compared in the result.';
comment on column upkeep.restore.differences is 'What is not as the manifest says, a line each.';
comment on column upkeep.restore.uncertain is 'What could not be compared for certain and is for a person to judge, a line each.';
comment on column upkeep.restore.detail is 'What was compared, by table: rows, and whether they are the backup''s.';
comment on column upkeep.restore.exactness is 'How definitions were compared; null when they were not.';
comment on column upkeep.restore.manifest_sha256 is 'Checksum of the manifest that was restored.';
comment on column upkeep.restore.error is 'Why it failed.';
comment on column upkeep.restore.asked_by is 'Who asked for it.';
comment on column upkeep.restore.dag_id is 'DAG of the task that made it; empty when it was not Airflow.';
comment on column upkeep.restore.run_id is 'Run of that task; empty when it was not Airflow.';
comment on column upkeep.restore.task_id is 'That task; empty when it was not Airflow.';
comment on column upkeep.restore.map_index is 'Its index among the mapped ones; -1 when it is not mapped.';
