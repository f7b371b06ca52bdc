-- What this login may give to roles that it creates.
select
    r.rolname::pg_catalog.text as name,
    r.rolsuper as superuser,
    r.rolcreaterole as createrole,
    r.rolcreatedb as createdb,
    r.rolreplication as replication,
    r.rolbypassrls as bypassrls
from pg_catalog.pg_roles as r
where r.rolname = current_user
