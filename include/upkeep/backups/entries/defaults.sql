-- Defaults and generation expressions of columns.
select
    'default' as kind,
    (pg_catalog.pg_identify_object('pg_catalog.pg_class'::regclass, d.adrelid, d.adnum)).identity as key,
    null::oid as owner, null::"char" as acl_kind, null::aclitem[] as acl, null::oid[] as roles,
    pg_catalog.pg_get_expr(d.adbin, d.adrelid) as definition,
    true as worded
from pg_catalog.pg_attrdef as d
join pg_catalog.pg_class as c on c.oid = d.adrelid
join user_schemas as n on n.oid = c.relnamespace
where c.relpersistence <> 't'
    and not exists (select from members as m where m.classid = 'pg_catalog.pg_class'::regclass and m.objid = c.oid)
