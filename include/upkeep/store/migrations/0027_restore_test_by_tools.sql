-- Restore tests of backups that other tools took: what some columns say of them.
comment on column upkeep.restore_test.seconds is
    'Seconds by stage: find, server, fetch, recover (WAL replayed, of other tools'' backups), pre-data, data, post-data, compare, check.';
comment on column upkeep.restore_test.rows is 'Rows of the copy; null of a backup of other tools, whose rows are not counted.';
comment on column upkeep.restore_test.recovery_point_from is
    'Where that was read: heartbeat, the table and column of the inventory, the newest commit in the WAL, or the end of the backup.';
comment on column upkeep.restore_test.snapshot_at is 'The moment that the backup shows; with WAL replayed, that of the newest commit.';
comment on column upkeep.restore_test.manifest_sha256 is 'SHA-256 of the manifest that it was compared with; null of other tools'' backups.';
