-- Tables that a crash empties, with their size: they are not written to the WAL, so that replicas and archives have none of them.
-- Caveat: sizes are of the last vacuum or analyze.
select
    pg_catalog.format('%I.%I', namespace.nspname, class.relname) as name,
    greatest(class.relpages, 0)::int8 * pg_catalog.current_setting('block_size')::int8 as bytes
from pg_catalog.pg_class as class
inner join pg_catalog.pg_namespace as namespace
    on namespace.oid = class.relnamespace
where class.relpersistence = 'u'
and class.relkind = 'r'
order by
    bytes desc,
    name
