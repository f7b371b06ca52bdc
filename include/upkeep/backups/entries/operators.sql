-- Operators.
select
    'operator' as kind, i.identity as key, o.oprowner as owner,
    null::"char" as acl_kind, null::aclitem[] as acl, null::oid[] as roles,
    pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object(
        'function', o.oprcode, 'commutator', nullif(o.oprcom, 0)::regoperator::text,
        'negator', nullif(o.oprnegate, 0)::regoperator::text, 'restrict', nullif(o.oprrest, 0)::regproc::text,
        'join', nullif(o.oprjoin, 0)::regproc::text, 'merges', o.oprcanmerge, 'hashes', o.oprcanhash
    ))::text as definition,
    false as worded
from pg_catalog.pg_operator as o
join user_schemas as n on n.oid = o.oprnamespace
cross join lateral pg_catalog.pg_identify_object('pg_catalog.pg_operator'::regclass, o.oid, 0) as i
where o.oprcode <> 0
    and not exists (select from members as m where m.classid = 'pg_catalog.pg_operator'::regclass and m.objid = o.oid)
