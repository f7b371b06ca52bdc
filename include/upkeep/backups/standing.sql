-- Who and what a database is: owner, comment, a name that no other database has, whether everybody may connect, whether anybody may.
select
    pg_catalog.pg_get_userbyid(d.datdba)::pg_catalog.text as owner,
    coalesce(pg_catalog.shobj_description(d.oid, 'pg_database'), '') as comment,
    (select c.system_identifier from pg_catalog.pg_control_system() as c)::pg_catalog.text || '/' || d.oid as place,
    pg_catalog.has_database_privilege('public', d.oid, 'connect') as open,
    d.datallowconn as allows
from pg_catalog.pg_database as d
where d.datname = %s
