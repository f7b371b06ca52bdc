-- What views and materialised views select.
select
    'query' as kind, c.oid::regclass::text as key,
    null::oid as owner, null::"char" as acl_kind, null::aclitem[] as acl, null::oid[] as roles,
    pg_catalog.pg_get_viewdef(c.oid) as definition,
    true as worded
from pg_catalog.pg_class as c
join user_schemas as n on n.oid = c.relnamespace
where c.relkind in ('v', 'm')
    and c.relpersistence <> 't'
    and not exists (select from members as m where m.classid = 'pg_catalog.pg_class'::regclass and m.objid = c.oid)
