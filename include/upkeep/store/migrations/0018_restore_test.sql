-- What restore tests did: backups restored and compared, or only read back, with times by stage and the moment found in the copy.
create table upkeep.restore_test (
    duty text not null,
    target text not null,
    window_start timestamptz not null,
    window_end timestamptz not null,
    backup_id text not null,
    chosen_as text not null check (chosen_as in ('newest', 'drawn', 'rotation')),
    result text not null check (result in ('proven', 'differs', 'failed', 'whole', 'damaged', 'unknown')),
    said text not null,
    tested_at timestamptz not null,
    snapshot_at timestamptz,
    server_version integer,
    rows bigint check (rows >= 0),
    copy_bytes bigint check (copy_bytes >= 0),
    seconds jsonb not null default '{}',
    recovery_seconds float8 check (recovery_seconds >= 0),
    recovery_point timestamptz,
    recovery_point_from text,
    indexes_checked integer check (indexes_checked >= 0),
    tables_checked integer check (tables_checked >= 0),
    smoke jsonb not null default '{}',
    manifest_sha256 text,
    objects jsonb not null default '{}',
    restore_id text,
    primary key (duty, target, window_start, window_end, backup_id),
    foreign key (duty, target, window_start, window_end) references upkeep.answer on delete cascade
);
create index restore_test_by_target on upkeep.restore_test (target, window_end);
comment on table upkeep.restore_test is 'Backups that a restore test looked at, one row for each backup and window.';
comment on column upkeep.restore_test.duty is 'Duty that tested it: restore_test.';
comment on column upkeep.restore_test.target is 'Database whose backup it is.';
comment on column upkeep.restore_test.window_start is 'Start of the window, included.';
comment on column upkeep.restore_test.window_end is 'End of the window, excluded.';
comment on column upkeep.restore_test.backup_id is 'The backup, as in backup.id or as its own tool calls it.';
comment on column upkeep.restore_test.chosen_as is 'Why this one: newest, drawn by lot, or rotation (read back since it was not looked at for long).';
comment on column upkeep.restore_test.result is
    'proven, differs or failed after a restore; whole or damaged after it was only read back; unknown when it could not be tested.';
comment on column upkeep.restore_test.said is 'What was found, in words.';
comment on column upkeep.restore_test.tested_at is 'When the run put the question.';
comment on column upkeep.restore_test.snapshot_at is 'The moment that the backup shows.';
comment on column upkeep.restore_test.server_version is 'Major version that it was restored into.';
comment on column upkeep.restore_test.rows is 'Rows of the copy.';
comment on column upkeep.restore_test.copy_bytes is 'Size of the restored database: how much data the times were measured on.';
comment on column upkeep.restore_test.seconds is 'Seconds by stage: find, server, fetch, pre-data, data, post-data, compare, check.';
comment on column upkeep.restore_test.recovery_seconds is 'All stages together.';
comment on column upkeep.restore_test.recovery_point is 'Newest moment found in the copy: all that was written until then would be back.';
comment on column upkeep.restore_test.recovery_point_from is 'Where that was read: heartbeat, or the table and column of the inventory.';
comment on column upkeep.restore_test.indexes_checked is 'B-tree indexes that amcheck went through, every row looked up in them.';
comment on column upkeep.restore_test.tables_checked is 'Tables whose pages amcheck went through.';
comment on column upkeep.restore_test.smoke is 'Result of each smoke query by its name: right, wrong or broken.';
comment on column upkeep.restore_test.manifest_sha256 is 'SHA-256 of the manifest that it was compared with.';
comment on column upkeep.restore_test.objects is 'SHA-256 of each stored object that was read and found as stored, by its name.';
comment on column upkeep.restore_test.restore_id is 'The restore, as in restore.id.';
