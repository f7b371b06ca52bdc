-- Whether WAL is archived, and when that last worked and last failed.
-- Caveat: on a replica only archive_mode = always archives.
select
    pg_catalog.current_setting('archive_mode') as mode,
    pg_catalog.current_setting('archive_command') as command,
    coalesce(
        (
            select setting.setting
            from pg_catalog.pg_settings as setting
            where setting.name = 'archive_library'
        ),
        ''
    ) as library,
    pg_catalog.current_setting('wal_level') as wal_level,
    archiver.archived_count::int8 as archived,
    archiver.failed_count::int8 as failed,
    coalesce(archiver.last_failed_wal, '') as last_failed_wal,
    archiver.last_archived_time is not null as ever,
    archiver.last_failed_time is not null
    and (archiver.last_archived_time is null or archiver.last_failed_time > archiver.last_archived_time) as failing,
    pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() - archiver.last_archived_time)::float8 as archived_seconds,
    pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() - archiver.last_failed_time)::float8 as failed_seconds,
    pg_catalog.date_part(
        'epoch', pg_catalog.clock_timestamp() - greatest(archiver.stats_reset, pg_catalog.pg_postmaster_start_time())
    )::float8 as watched_seconds
from pg_catalog.pg_stat_archiver as archiver
