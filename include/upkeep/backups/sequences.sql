-- Sequences whose state a dump holds: those of the database, and of extensions as far as the extension has them dumped.
select
    n.nspname::pg_catalog.text as schema,
    c.relname::pg_catalog.text as name
from pg_catalog.pg_class as c
inner join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
where c.relkind = 'S'
    and c.relpersistence <> 't'
    and not (c.relpersistence = 'u' and pg_catalog.pg_is_in_recovery())
    and n.nspname !~ '^pg_'
    and n.nspname <> 'information_schema'
    and (
        not exists (
            select
            from pg_catalog.pg_depend as d
            where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.objid = c.oid and d.deptype = 'e'
        )
        or exists (select from pg_catalog.pg_extension as e where c.oid = any(e.extconfig))
    )
order by n.nspname, c.relname
