-- Relations of the owner's schemas, with the transaction that wrote each one's row of the catalogue, as a number of 64 bits.
-- A row whose transaction is too old to be placed counts as of before everything, and one that cannot be told as of now.
select
    pg_catalog.format('%I.%I', namespace.nspname, class.relname) as name,
    class.relkind::text as kind,
    pg_catalog.txid_snapshot_xmax(pg_catalog.txid_current_snapshot()) - pg_catalog.age(class.xmin) as since_xid
from pg_catalog.pg_class as class
inner join pg_catalog.pg_namespace as namespace
    on namespace.oid = class.relnamespace
where class.relkind in ('r', 'p', 'm', 'v', 'i', 'S', 'f')
and class.relpersistence <> 't'
and namespace.nspname not like 'pg\_%'
and namespace.nspname <> 'information_schema'
order by
    class.oid
