-- How far replicas are behind, and how many sessions work that are not of this program.
select
    coalesce((
        select max(pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), replica.replay_lsn))
        from pg_catalog.pg_stat_replication as replica
        where replica.replay_lsn is not null
        and replica.state <> 'backup'
    ), 0)::int8 as lag_bytes,
    (
        select count(*)
        from pg_catalog.pg_stat_replication as replica
        where replica.replay_lsn is null
        and replica.state is distinct from 'backup'
    ) as unseen,
    (
        select count(*)
        from pg_catalog.pg_stat_activity as activity
        where activity.state = 'active'
        and activity.backend_type = 'client backend'
        and (activity.usename, activity.application_name)
            is distinct from (current_user, pg_catalog.current_setting('application_name'))
    ) as active
from (select 1) as one
