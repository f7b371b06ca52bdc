-- What a dump by this login would lose without a word, or could not read.
select x.what
from (
    select
        'options of the user mapping for ' || case when u.umuser = 0 then 'everybody' else pg_catalog.quote_ident(u.usename) end
            || ' on server ' || pg_catalog.quote_ident(u.srvname)
            || ': only its own login with USAGE on the server, or a superuser, sees them' as what
    from pg_catalog.pg_user_mappings as u
    join pg_catalog.pg_foreign_server as s on s.oid = u.srvid
    where u.umoptions is null
        and not (
            u.umuser <> 0 and u.usename = current_user
                and (pg_catalog.pg_has_role(s.srvowner, 'USAGE') or pg_catalog.has_server_privilege(s.oid, 'USAGE'))
            or u.umuser = 0 and pg_catalog.pg_has_role(s.srvowner, 'USAGE')
            or (select r.rolsuper from pg_catalog.pg_roles as r where r.rolname = current_user)
        )
    union all
    select 'subscription ' || pg_catalog.quote_ident(s.subname) || ': only a superuser or a role that may read pg_subscription sees it'
    from pg_catalog.pg_subscription as s
    where s.subdbid = (select d.oid from pg_catalog.pg_database as d where d.datname = pg_catalog.current_database())
        and not pg_catalog.has_column_privilege('pg_catalog.pg_subscription', 'subconninfo', 'SELECT')
    union all
    select
        case c.relkind when 'S' then 'sequence ' else 'table ' end || c.oid::regclass::text || ': grant usage on schema '
            || pg_catalog.quote_ident(n.nspname) || ' to ' || pg_catalog.quote_ident(current_user::text)
    from pg_catalog.pg_class as c
    join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p', 'S') and c.relpersistence <> 't' and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
        and not pg_catalog.has_schema_privilege(n.oid, 'USAGE')
    union all
    select
        case c.relkind when 'S' then 'sequence ' else 'table ' end || c.oid::regclass::text || ': grant select on it to '
            || pg_catalog.quote_ident(current_user::text)
    from pg_catalog.pg_class as c
    join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p', 'S') and c.relpersistence <> 't' and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
        and not case
            when c.relkind = 'S' then pg_catalog.has_sequence_privilege(c.oid, 'SELECT')
            else pg_catalog.has_table_privilege(c.oid, 'SELECT')
        end
    union all
    select
        'table ' || c.oid::regclass::text || ': row security hides rows from ' || pg_catalog.quote_ident(current_user::text)
            || '; give it BYPASSRLS'
    from pg_catalog.pg_class as c
    join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p') and n.nspname !~ '^pg_' and pg_catalog.row_security_active(c.oid)
    union all
    select
        pg_catalog.count(*) || ' large objects, the first ' || min(l.oid)::text || ': grant select on them to '
            || pg_catalog.quote_ident(current_user::text)
    from pg_catalog.pg_largeobject_metadata as l
    where not pg_catalog.pg_has_role(l.lomowner, 'USAGE')
        and not (
            select r.rolsuper or pg_catalog.current_setting('lo_compat_privileges') = 'on'
                or pg_catalog.current_setting('server_version_num')::int >= 180000 and pg_catalog.pg_has_role('pg_read_all_data', 'USAGE')
            from pg_catalog.pg_roles as r where r.rolname = current_user
        )
        and not exists (
            select from pg_catalog.aclexplode(l.lomacl) as a
            where a.privilege_type = 'SELECT' and (a.grantee = 0 or pg_catalog.pg_has_role(a.grantee, 'USAGE'))
        )
    having pg_catalog.count(*) > 0
) as x
order by x.what collate "C"
