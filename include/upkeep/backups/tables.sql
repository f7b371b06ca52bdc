-- Relations whose rows a dump holds, or that it leaves out; extension tables as far as the extension has them dumped.
-- `root` is the table that rows are loaded through, where pg_dump would: their partition depends on the hash of an enum.
with recursive ancestor (relation, above) as (
    select
        i.inhrelid,
        i.inhparent
    from pg_catalog.pg_inherits as i
    inner join pg_catalog.pg_class as c on c.oid = i.inhrelid
    where c.relispartition
    union
    select
        a.relation,
        i.inhparent
    from ancestor as a
    inner join pg_catalog.pg_inherits as i on i.inhrelid = a.above
    inner join pg_catalog.pg_class as c on c.oid = a.above
    where c.relispartition
),
rooted as (
    select
        a.relation,
        max(a.above) filter (where not c.relispartition) as root
    from ancestor as a
    inner join pg_catalog.pg_class as c on c.oid = a.above
    left join pg_catalog.pg_partitioned_table as p on p.partrelid = a.above
    group by a.relation
    having pg_catalog.bool_or(exists (
        select
        from pg_catalog.pg_opclass as o
        inner join pg_catalog.pg_am as m on m.oid = o.opcmethod
        where o.oid = any(p.partclass::pg_catalog.oid[]) and o.opcname = 'enum_ops' and m.amname = 'hash'
    ))
)
select
    c.oid::pg_catalog.int8 as oid,
    n.nspname::pg_catalog.text as schema,
    c.relname::pg_catalog.text as name,
    c.relkind::pg_catalog.text as kind,
    c.relpersistence::pg_catalog.text as persistence,
    coalesce(config.condition, '') as condition,
    config.condition is not null as of_extension,
    coalesce(m.amname = 'heap', false) as is_heap,
    array(
        select a.attname::pg_catalog.text
        from pg_catalog.pg_attribute as a
        where a.attrelid = coalesce(r.root, c.oid) and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
        order by a.attnum
    ) as columns,
    rn.nspname::pg_catalog.text as root_schema,
    rc.relname::pg_catalog.text as root_name
from pg_catalog.pg_class as c
inner join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
left join pg_catalog.pg_am as m on m.oid = c.relam
left join rooted as r on r.relation = c.oid
left join pg_catalog.pg_class as rc on rc.oid = r.root
left join pg_catalog.pg_namespace as rn on rn.oid = rc.relnamespace
left join lateral (
    select e.extcondition[a.place] as condition
    from pg_catalog.pg_extension as e
    cross join lateral pg_catalog.unnest(e.extconfig) with ordinality as a (relation, place)
    where a.relation = c.oid
    limit 1
) as config on true
where c.relkind in ('r', 'f', 'm', 'p')
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
order by c.oid
