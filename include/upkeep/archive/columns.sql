-- The columns of a table in their order, with the type that each is at bottom (a domain's base).
with recursive base (attnum, typid, typmod, depth) as (
    select
        attribute.attnum,
        attribute.atttypid,
        attribute.atttypmod,
        0
    from pg_catalog.pg_attribute as attribute
    where attribute.attrelid = %(oid)s
    and attribute.attnum > 0
    and not attribute.attisdropped
    union all
    select
        base.attnum,
        type.typbasetype,
        case when base.typmod = -1 then type.typtypmod else base.typmod end,
        base.depth + 1
    from base
    inner join pg_catalog.pg_type as type
        on type.oid = base.typid
        and type.typtype = 'd'
)

select
    attribute.attname::text as name,
    pg_catalog.format_type(attribute.atttypid, attribute.atttypmod) as type,
    case when type.typnamespace = 'pg_catalog'::regnamespace then type.typname::text else '' end as base,
    base.typmod,
    type.typcategory::text as category
from pg_catalog.pg_attribute as attribute
inner join lateral (
    select
        base.typid,
        base.typmod
    from base
    where base.attnum = attribute.attnum
    order by base.depth desc
    limit 1
) as base
    on true
inner join pg_catalog.pg_type as type
    on type.oid = base.typid
where attribute.attrelid = %(oid)s
and attribute.attnum > 0
and not attribute.attisdropped
order by attribute.attnum
