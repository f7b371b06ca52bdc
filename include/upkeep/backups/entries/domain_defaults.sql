-- Defaults of domains.
select
    'default' as kind,
    (pg_catalog.pg_identify_object('pg_catalog.pg_type'::regclass, t.oid, 0)).identity as key,
    null::oid as owner, null::"char" as acl_kind, null::aclitem[] as acl, null::oid[] as roles,
    pg_catalog.pg_get_expr(t.typdefaultbin, 0) as definition,
    true as worded
from pg_catalog.pg_type as t
join user_schemas as n on n.oid = t.typnamespace
where t.typtype = 'd'
    and t.typdefault is not null
    and not exists (select from members as m where m.classid = 'pg_catalog.pg_type'::regclass and m.objid = t.oid)
