-- Tables that this login may not vacuum and analyze, and the statement that lets it: once for all from version 17 on, before by owner.
-- Caveat: a table counts as permitted to the owner of the database too, as PostgreSQL has it.
select
    class.oid::int8 as oid,
    pg_catalog.format('%I.%I', namespace.nspname, class.relname) as name,
    case
        when pg_catalog.current_setting('server_version_num')::int >= 170000
        then pg_catalog.format('grant pg_maintain to %I;', current_user)
        else pg_catalog.format('grant %I to %I;', owner.rolname, current_user)
    end as remedy
from pg_catalog.pg_class as class
inner join pg_catalog.pg_namespace as namespace
    on namespace.oid = class.relnamespace
inner join pg_catalog.pg_roles as owner
    on owner.oid = class.relowner
inner join pg_catalog.pg_database as database
    on database.datname = pg_catalog.current_database()
where class.relkind in ('r', 'm', 'p')
and class.relpersistence <> 't'
and namespace.nspname not in ('pg_catalog', 'information_schema')
and not pg_catalog.pg_has_role(database.datdba, 'usage')
and not pg_catalog.pg_has_role(class.relowner, 'usage')
and not case
    when pg_catalog.current_setting('server_version_num')::int >= 170000
    then pg_catalog.has_table_privilege(class.oid, 'maintain')
    else false
end
order by
    remedy,
    name,
    oid
