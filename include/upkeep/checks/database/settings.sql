-- Values of chosen settings: the server's, and what single roles and databases set instead.
-- Caveat: where this session's own role or database overrides one, the server's value cannot be seen: it is left out here, and asked by
-- hidden_settings.sql.
select
    setting.name,
    'server' as scope,
    setting.setting as value,
    setting.pending_restart,
    pg_catalog.format('alter system reset %%I; select pg_reload_conf();', setting.name) as reset
from pg_catalog.pg_settings as setting
where setting.source not in ('global', 'database', 'user', 'database user', 'client', 'session')
and (setting.pending_restart or setting.name = any(%(names)s))
union all
select
    pg_catalog.split_part(pair.config, '=', 1),
    case
        when role.rolname is not null and database.datname is not null
        then pg_catalog.format('role %%I in database %%I', role.rolname, database.datname)
        when role.rolname is not null
        then pg_catalog.format('role %%I', role.rolname)
        when database.datname is not null
        then pg_catalog.format('database %%I', database.datname)
        else 'all roles'
    end,
    pg_catalog.substr(pair.config, pg_catalog.strpos(pair.config, '=') + 1),
    false,
    case
        when role.rolname is not null and database.datname is not null
        then pg_catalog.format('alter role %%I in database %%I reset %%I;', role.rolname, database.datname, pair.setting)
        when role.rolname is not null
        then pg_catalog.format('alter role %%I reset %%I;', role.rolname, pair.setting)
        when database.datname is not null
        then pg_catalog.format('alter database %%I reset %%I;', database.datname, pair.setting)
        else pg_catalog.format('alter role all reset %%I;', pair.setting)
    end
from (
    select
        own.setrole,
        own.setdatabase,
        config,
        pg_catalog.split_part(config, '=', 1) as setting
    from pg_catalog.pg_db_role_setting as own
    cross join pg_catalog.unnest(own.setconfig) as config
) as pair
left join pg_catalog.pg_roles as role
    on role.oid = pair.setrole
left join pg_catalog.pg_database as database
    on database.oid = pair.setdatabase
where pair.setting = any(%(names)s)
order by
    name,
    scope
