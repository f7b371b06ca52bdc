-- Sessions in a database but this one; ours are the same login's whose name begins as a restore's.
select
    a.pid,
    coalesce(a.usename::pg_catalog.text, '?') as login,
    coalesce(a.application_name, '') as application,
    coalesce(a.usename = session_user and pg_catalog.starts_with(a.application_name, %(application)s), false) as own
from pg_catalog.pg_stat_activity as a
where a.datname = %(database)s and a.pid <> pg_catalog.pg_backend_pid() and a.usesysid is not null
order by a.pid
