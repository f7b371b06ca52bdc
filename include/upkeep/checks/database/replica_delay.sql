-- What a replica knows about itself: whether it streams, what it has received but not replayed, and since when.
-- Caveat: replayed_seconds counts from the primary's last commit, so it also grows while the primary has nothing to do.
select
    pg_catalog.pg_is_in_recovery() as in_recovery,
    receiver.status as receiver,
    pg_catalog.current_setting('primary_conninfo') <> '' as streams,
    pg_catalog.pg_last_wal_receive_lsn()::text as received,
    pg_catalog.pg_last_wal_replay_lsn()::text as replayed,
    greatest(
        pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_last_wal_receive_lsn(), pg_catalog.pg_last_wal_replay_lsn()), 0
    )::float8 as backlog_bytes,
    pg_catalog.date_part(
        'epoch', pg_catalog.clock_timestamp() - pg_catalog.pg_last_xact_replay_timestamp()
    )::float8 as replayed_seconds,
    case when pg_catalog.pg_is_in_recovery() then pg_catalog.pg_is_wal_replay_paused() else false end as paused,
    (
        select setting.setting::float8 / 1000
        from pg_catalog.pg_settings as setting
        where setting.name = 'recovery_min_apply_delay'
    ) as wanted_seconds
from (select 1) as one
left join pg_catalog.pg_stat_wal_receiver as receiver
    on true
