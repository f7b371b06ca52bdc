-- Client connections against each limit on them: of the server, of a role, of a database; and walsenders against theirs.
-- Caveat: one moment. Superusers are not held by the limits of roles, so their own are left out; a limit of 0 closes a door on purpose.
with session as (
    select
        activity.usename,
        activity.datname,
        activity.backend_type,
        activity.state,
        pg_catalog.format(
            '%s@%s',
            activity.usename,
            coalesce(nullif(pg_catalog.regexp_replace(activity.application_name, '\d+', '#', 'g'), ''), 'unnamed')
        ) as holder
    from pg_catalog.pg_stat_activity as activity
    where activity.backend_type in ('client backend', 'walsender')
),

room as (
    select
        'server' as scope,
        'max_connections' as name,
        setting.max_connections - setting.reserved as room,
        setting.reserved
    from (
        select
            pg_catalog.current_setting('max_connections')::int as max_connections,
            pg_catalog.current_setting('superuser_reserved_connections')::int
            + coalesce(pg_catalog.current_setting('reserved_connections', true)::int, 0) as reserved
    ) as setting
    union all
    select
        'walsenders',
        'max_wal_senders',
        pg_catalog.current_setting('max_wal_senders')::int,
        0
    union all
    select
        'role',
        role.rolname,
        role.rolconnlimit,
        0
    from pg_catalog.pg_roles as role
    where role.rolconnlimit > 0
    and role.rolcanlogin
    and not role.rolsuper
    union all
    select
        'database',
        database.datname,
        database.datconnlimit,
        0
    from pg_catalog.pg_database as database
    where database.datconnlimit > 0
),

held as (
    select
        room.scope,
        room.name,
        room.room,
        room.reserved,
        session.holder,
        count(session.holder) as sessions,
        count(*) filter (where session.state = 'active') as active,
        count(*) filter (where session.state = 'idle') as idle,
        count(*) filter (where session.state like 'idle in transaction%') as idle_in_transaction
    from room
    left join session
        on (session.backend_type = 'walsender') = (room.scope = 'walsenders')
        and case room.scope
            when 'role' then session.usename = room.name
            when 'database' then session.datname = room.name
            else true
        end
    group by
        room.scope,
        room.name,
        room.room,
        room.reserved,
        session.holder
)

select
    scope,
    name::text as name,
    room,
    reserved,
    sum(sessions)::int as used,
    sum(active)::int as active,
    sum(idle)::int as idle,
    sum(idle_in_transaction)::int as idle_in_transaction,
    coalesce(
        pg_catalog.json_agg(pg_catalog.json_build_array(holder, sessions) order by sessions desc, holder)
            filter (where holder is not null),
        '[]'
    ) as holders
from held
group by
    scope,
    name,
    room,
    reserved
order by
    scope,
    name
