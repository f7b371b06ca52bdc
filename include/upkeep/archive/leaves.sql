-- The partitions that hold the rows of a partitioned table.
select
    namespace.nspname::text as schema,
    class.relname::text as name
from pg_catalog.pg_partition_tree(%(oid)s::int8::oid::regclass) as part
inner join pg_catalog.pg_class as class
    on class.oid = part.relid
inner join pg_catalog.pg_namespace as namespace
    on namespace.oid = class.relnamespace
where part.isleaf
and class.relkind <> 'p'
order by
    1,
    2
