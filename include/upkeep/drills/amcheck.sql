-- What amcheck can go through in this database: valid B-tree indexes and tables with rows of their own, the largest first.
select
    class.oid::int8 as oid,
    pg_catalog.format('%I.%I', namespace.nspname, class.relname) as name,
    class.relkind::text = 'i' as is_index
from pg_catalog.pg_class as class
inner join pg_catalog.pg_namespace as namespace
    on namespace.oid = class.relnamespace
left join pg_catalog.pg_index as index
    on index.indexrelid = class.oid
left join pg_catalog.pg_am as method
    on method.oid = class.relam
where class.relpersistence <> 't'
and (
    (class.relkind = 'i' and method.amname = 'btree' and index.indisvalid and index.indisready)
    or (class.relkind in ('r', 'm', 't') and method.amname = 'heap')
)
order by
    class.relpages desc,
    class.oid
