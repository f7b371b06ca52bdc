-- Row-level security policies and for whom they are.
select
    'policy' as kind,
    (pg_catalog.pg_identify_object('pg_catalog.pg_policy'::regclass, p.oid, 0)).identity as key,
    null::oid as owner, null::"char" as acl_kind, null::aclitem[] as acl,
    p.polroles as roles,
    pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object(
        'for', p.polcmd,
        'permissive', p.polpermissive,
        'using', pg_catalog.pg_get_expr(p.polqual, p.polrelid),
        'check', pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid)
    ))::text as definition,
    true as worded
from pg_catalog.pg_policy as p
join pg_catalog.pg_class as c on c.oid = p.polrelid
join user_schemas as n on n.oid = c.relnamespace
where not exists (select from members as m where m.classid = 'pg_catalog.pg_class'::regclass and m.objid = c.oid)
