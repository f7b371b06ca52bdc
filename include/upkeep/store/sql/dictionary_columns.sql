-- Every column of every table and view, without partitions.
select
    relation.relname as relation,
    case when relation.relkind in ('v', 'm') then 'view' else 'table' end as kind,
    pg_catalog.obj_description(relation.oid, 'pg_class') as about,
    attribute.attname as name,
    pg_catalog.format_type(attribute.atttypid, attribute.atttypmod) as type,
    attribute.attnotnull as required,
    exists (
        select
        from pg_catalog.pg_index as index
        where index.indrelid = relation.oid
        and index.indisprimary
        and attribute.attnum = any (index.indkey)
    ) as key,
    pg_catalog.col_description(relation.oid, attribute.attnum) as says
from pg_catalog.pg_class as relation
inner join pg_catalog.pg_attribute as attribute
    on attribute.attrelid = relation.oid
    and attribute.attnum > 0
    and not attribute.attisdropped
where relation.relnamespace = 'upkeep'::pg_catalog.regnamespace
and relation.relkind in ('r', 'p', 'v', 'm')
and not relation.relispartition
order by
    relation.relname,
    attribute.attnum
