-- Who holds back the horizon behind which vacuum may remove and freeze rows, and how many transactions ago that began.
-- Caveat: a standby with hot_standby_feedback shows here as itself or as its slot, not as the query that runs there.
select
    'session' as kind,
    activity.pid::text as name,
    coalesce(activity.usename::text, '') || '@' || coalesce(activity.datname::text, '') as who,
    greatest(pg_catalog.age(activity.backend_xid), pg_catalog.age(activity.backend_xmin))::int8 as xids,
    activity.datname is not distinct from pg_catalog.current_database() as here,
    pg_catalog.format('select pg_terminate_backend(%s);', activity.pid) as release
from pg_catalog.pg_stat_activity as activity
where (activity.backend_xid is not null or activity.backend_xmin is not null)
and activity.pid <> pg_catalog.pg_backend_pid()
and activity.backend_type not in ('walsender', 'autovacuum worker')
-- What vacuum itself sees holds no other vacuum back.
and activity.pid not in (
    select progress.pid
    from pg_catalog.pg_stat_progress_vacuum as progress
)
union all
select
    'standby',
    coalesce(nullif(sender.application_name, ''), sender.pid::text),
    coalesce(pg_catalog.host(sender.client_addr), 'local'),
    pg_catalog.age(sender.backend_xmin)::int8,
    true,
    'end the long query on the standby, or turn off its hot_standby_feedback'
from pg_catalog.pg_stat_replication as sender
where sender.backend_xmin is not null
union all
select
    'prepared transaction',
    prepared.gid,
    coalesce(prepared.owner::text, 'a role that was dropped') || '@' || coalesce(prepared.database::text, ''),
    pg_catalog.age(prepared.transaction)::int8,
    prepared.database is not distinct from pg_catalog.current_database(),
    pg_catalog.format('rollback prepared %L; -- in database %I', prepared.gid, prepared.database)
from pg_catalog.pg_prepared_xacts as prepared
union all
select
    'replication slot',
    slot.slot_name::text,
    coalesce(slot.database::text, 'physical'),
    greatest(pg_catalog.age(slot.xmin), pg_catalog.age(slot.catalog_xmin))::int8,
    slot.xmin is not null,
    pg_catalog.format('select pg_drop_replication_slot(%L); -- if its reader is retired', slot.slot_name)
from pg_catalog.pg_replication_slots as slot
where slot.xmin is not null
or slot.catalog_xmin is not null
order by
    xids desc,
    kind,
    name
