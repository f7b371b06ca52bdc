-- Indexes; invalid ones of plain tables are left out, as pg_dump leaves them out.
select
    'index' as kind,
    (pg_catalog.pg_identify_object('pg_catalog.pg_class'::regclass, c.oid, 0)).identity as key,
    null::oid as owner, null::"char" as acl_kind, null::aclitem[] as acl, null::oid[] as roles,
    pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object(
        'index', pg_catalog.pg_get_indexdef(x.indexrelid),
        'invalid', nullif(not x.indisvalid, false),
        'clustered', nullif(x.indisclustered, false),
        'replica identity', nullif(x.indisreplident, false),
        'part of', (select h.inhparent::regclass::text from pg_catalog.pg_inherits as h where h.inhrelid = c.oid),
        'statistics', (
            select pg_catalog.jsonb_object_agg(a.attnum, a.attstattarget)
            from pg_catalog.pg_attribute as a
            where a.attrelid = c.oid and a.attstattarget >= 0
        )
    ))::text as definition,
    x.indexprs is not null or x.indpred is not null as worded
from pg_catalog.pg_index as x
join pg_catalog.pg_class as c on c.oid = x.indexrelid
join pg_catalog.pg_class as t on t.oid = x.indrelid
join user_schemas as n on n.oid = t.relnamespace
where t.relpersistence <> 't'
    and (x.indisvalid or t.relkind = 'p')
    and not exists (
        select from members as m where m.classid = 'pg_catalog.pg_class'::regclass and m.objid in (t.oid, c.oid)
    )
