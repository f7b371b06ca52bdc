-- Size of every database on the server.
-- Caveat: a database that may not be connected to has no size, nor has one that is being dropped; room on disk cannot be asked through SQL.
with sized as materialized (
    select
        database.datname::text as name,
        pg_catalog.pg_database_size(database.oid)::int8 as bytes
    from pg_catalog.pg_database as database
    where pg_catalog.has_database_privilege(database.oid, 'connect')
    or pg_catalog.pg_has_role(current_user, 'pg_read_all_stats', 'usage')
)

select
    name,
    bytes
from sized
where bytes is not null
order by
    bytes desc,
    name
