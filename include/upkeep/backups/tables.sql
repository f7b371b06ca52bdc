-- Relations whose rows a dump holds, or that it leaves out; extension tables as far as the extension has them dumped.
select
    c.oid::pg_catalog.int8 as oid,
    n.nspname::pg_catalog.text as schema,
    c.relname::pg_catalog.text as name,
    c.relkind::pg_catalog.text as kind,
    c.relpersistence::pg_catalog.text as persistence,
    coalesce(config.condition, '') as condition
from pg_catalog.pg_class as c
inner join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
left join lateral (
    select e.extcondition[a.place] as condition
    from pg_catalog.pg_extension as e
    cross join lateral pg_catalog.unnest(e.extconfig) with ordinality as a (relation, place)
    where a.relation = c.oid
    limit 1
) as config on true
where c.relkind in ('r', 'f', 'm')
    and c.relpersistence <> 't'
    and n.nspname <> 'information_schema'
    and n.nspname !~ '^pg_'
    and (
        config.condition is not null
        or not exists (
            select
            from pg_catalog.pg_depend as d
            where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
                and d.objid = c.oid
                and d.deptype = 'e'
        )
    )
order by
    pg_catalog.pg_relation_size(c.oid) desc,
    c.oid
