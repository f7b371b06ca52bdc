-- The first few things in a database that a new one does not have.
select found.what
from (
    select
        1 as rank,
        case c.relkind when 'S' then 'sequence ' when 'v' then 'view ' else 'relation ' end
        || c.oid::pg_catalog.regclass::pg_catalog.text as what
    from pg_catalog.pg_class as c
    where c.oid >= 16384 and c.relkind in ('r', 'p', 'v', 'm', 'S', 'f') and c.relpersistence <> 't'
    union all
    select 2, 'function ' || p.oid::pg_catalog.regprocedure::pg_catalog.text from pg_catalog.pg_proc as p where p.oid >= 16384
    union all
    select 3, 'schema ' || pg_catalog.quote_ident(n.nspname)
    from pg_catalog.pg_namespace as n
    where n.oid >= 16384 and n.nspname !~ '^pg_'
    union all
    select 4, 'type ' || t.oid::pg_catalog.regtype::pg_catalog.text
    from pg_catalog.pg_type as t
    where t.oid >= 16384 and t.typtype <> 'c' and t.typelem = 0
    union all
    select 5, 'extension ' || pg_catalog.quote_ident(e.extname) from pg_catalog.pg_extension as e where e.oid >= 16384
    union all
    select 6, 'large object ' || l.oid::pg_catalog.text from pg_catalog.pg_largeobject_metadata as l
) as found
order by found.rank, found.what collate "C"
limit 5
