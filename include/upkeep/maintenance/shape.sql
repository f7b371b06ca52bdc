-- The shape of one table: rows and dead rows, changes, sizes, age, and how much of it is visible to all. Nothing where it is gone.
-- Caveat: rows are counted since the last reset of statistics; pages and visibility are of the last vacuum or analyze.
select
    pg_catalog.pg_stat_get_live_tuples(class.oid)::float8 as live,
    (pg_catalog.pg_stat_get_dead_tuples(class.oid) + coalesce(pg_catalog.pg_stat_get_dead_tuples(toast.oid), 0))::float8 as dead,
    pg_catalog.pg_stat_get_mod_since_analyze(class.oid)::float8 as changed,
    pg_catalog.pg_table_size(class.oid)::float8 as table_bytes,
    pg_catalog.pg_indexes_size(class.oid)::float8 as index_bytes,
    class.relpages::float8 as pages,
    class.relallvisible::float8 as visible_pages,
    case
        when class.relfrozenxid <> '0'::pg_catalog.xid
        then greatest(pg_catalog.age(class.relfrozenxid), coalesce(pg_catalog.age(toast.relfrozenxid), 0))
    end::float8 as xid_age,
    case
        when class.relfrozenxid <> '0'::pg_catalog.xid
        then greatest(pg_catalog.mxid_age(class.relminmxid), coalesce(pg_catalog.mxid_age(toast.relminmxid), 0))
    end::float8 as multixact_age
from pg_catalog.pg_class as class
left join pg_catalog.pg_class as toast
    on toast.oid = class.reltoastrelid
where class.oid = %(oid)s::pg_catalog.oid
order by class.oid
