-- Size of every database on the server.
-- Caveat: a database that may not be connected to has no size; room on disk cannot be asked through SQL.
select
    database.datname::text as name,
    pg_catalog.pg_database_size(database.oid)::int8 as bytes
from pg_catalog.pg_database as database
where pg_catalog.has_database_privilege(database.oid, 'connect')
or pg_catalog.pg_has_role(current_user, 'pg_read_all_stats', 'usage')
order by
    bytes desc,
    name
