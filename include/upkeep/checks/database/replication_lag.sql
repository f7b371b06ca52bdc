-- How far each standby or subscriber of this server is behind, in bytes and seconds, and whether commits wait for it.
-- Caveat: replay_seconds is empty once a standby has replayed everything; a receiver that only stores WAL is judged by what it flushed.
with here as (
    select
        case when pg_catalog.pg_is_in_recovery()
            then coalesce(pg_catalog.pg_last_wal_receive_lsn(), pg_catalog.pg_last_wal_replay_lsn())
            else pg_catalog.pg_current_wal_lsn()
        end as lsn
)

select
    coalesce(
        slot.slot_name::text,
        nullif(sender.application_name, '') || '@' || coalesce(pg_catalog.host(sender.client_addr), 'local'),
        coalesce(pg_catalog.host(sender.client_addr), 'local')
    ) as name,
    coalesce(sender.state, '') as state,
    coalesce(sender.sync_state, '') as sync_state,
    coalesce(slot.slot_type, 'physical') = 'logical' as logical,
    greatest(pg_catalog.pg_wal_lsn_diff(here.lsn, coalesce(sender.replay_lsn, sender.flush_lsn, sender.sent_lsn)), 0)::float8
        as lag_bytes,
    greatest(pg_catalog.date_part('epoch', coalesce(sender.replay_lag, sender.flush_lag)), 0)::float8 as lag_seconds
from pg_catalog.pg_stat_replication as sender
cross join here
left join pg_catalog.pg_replication_slots as slot
    on slot.active_pid = sender.pid
where sender.state is distinct from 'backup'
-- A base backup streams the WAL of its own time beside its files, and is gone with them.
and sender.application_name <> 'pg_basebackup'
order by
    name,
    sender.pid
