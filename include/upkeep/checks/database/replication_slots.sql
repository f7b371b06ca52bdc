-- Replication slots, how much WAL each one keeps, since when nobody uses it, and whether it has lost what it needs.
-- Caveat: inactive_since exists from PostgreSQL 17 on and invalidation_reason too; before, they are empty.
with here as (
    select
        case when pg_catalog.pg_is_in_recovery()
            then coalesce(pg_catalog.pg_last_wal_receive_lsn(), pg_catalog.pg_last_wal_replay_lsn())
            else pg_catalog.pg_current_wal_lsn()
        end as lsn
)

select
    slot.slot_name::text as name,
    pg_catalog.quote_literal(slot.slot_name) as quoted,
    slot.slot_type as kind,
    coalesce(slot.database::text, '') as database,
    slot.active,
    coalesce(slot.wal_status, '') as wal_status,
    coalesce(slot.confirmed_flush_lsn, slot.restart_lsn)::text as position,
    greatest(pg_catalog.pg_wal_lsn_diff(here.lsn, slot.restart_lsn), 0)::float8 as retained_bytes,
    slot.safe_wal_size::float8 as safe_bytes,
    pg_catalog.date_part(
        'epoch',
        pg_catalog.clock_timestamp() - (pg_catalog.to_jsonb(slot) ->> 'inactive_since')::timestamptz
    )::float8 as inactive_seconds,
    coalesce(
        pg_catalog.to_jsonb(slot) ->> 'invalidation_reason',
        case when pg_catalog.to_jsonb(slot) ->> 'conflicting' = 'true' then 'conflict with recovery' end,
        ''
    ) as invalidated,
    coalesce(pg_catalog.to_jsonb(slot) ->> 'synced' = 'true', false) as synced
from pg_catalog.pg_replication_slots as slot
cross join here
order by name
