-- Settings of the server that this session cannot see: what its login, its database, its client or the session sets for itself instead.
-- Caveat: one row for each place that sets one, with the statement that undoes it there; all of them must be undone.
with here as (
    select
        setting.name,
        setting.setting as value,
        setting.source
    from pg_catalog.pg_settings as setting
    where setting.name = any(%(names)s)
    and setting.source in ('global', 'database', 'user', 'database user', 'client', 'session')
),

kept as (
    select
        own.setrole <> 0 as of_role,
        own.setdatabase <> 0 as of_database,
        pg_catalog.lower(pg_catalog.split_part(pair, '=', 1)) as name,
        pg_catalog.substr(pair, pg_catalog.strpos(pair, '=') + 1) as value
    from pg_catalog.pg_db_role_setting as own
    cross join pg_catalog.unnest(own.setconfig) as pair
    where own.setrole in (0, (select login.oid from pg_catalog.pg_roles as login where login.rolname = session_user))
    and own.setdatabase in (
        0, (select database.oid from pg_catalog.pg_database as database where database.datname = pg_catalog.current_database())
    )
)

select
    here.name,
    case
        when kept.of_role and kept.of_database
        then pg_catalog.format('role %%I in database %%I', session_user, pg_catalog.current_database())
        when kept.of_role then pg_catalog.format('role %%I', session_user)
        when kept.of_database then pg_catalog.format('database %%I', pg_catalog.current_database())
        else 'all roles'
    end as scope,
    kept.value,
    case
        when kept.of_role and kept.of_database
        then pg_catalog.format('alter role %%I in database %%I reset %%s;', session_user, pg_catalog.current_database(), here.name)
        when kept.of_role then pg_catalog.format('alter role %%I reset %%s;', session_user, here.name)
        when kept.of_database then pg_catalog.format('alter database %%I reset %%s;', pg_catalog.current_database(), here.name)
        else pg_catalog.format('alter role all reset %%s;', here.name)
    end as reset
from here
inner join kept
    on kept.name = pg_catalog.lower(here.name)
union all
select
    here.name,
    case here.source when 'client' then 'the connection' else 'the session' end,
    here.value,
    case here.source
        when 'client'
        then pg_catalog.format('-- take %%s out of the options of this connection, and out of PGOPTIONS', here.name)
        else pg_catalog.format('-- a pooler handed on a session in which it was set: server_reset_query = DISCARD ALL, or reset %%s;', here.name)
    end
from here
where here.source in ('client', 'session')
order by
    name,
    scope
