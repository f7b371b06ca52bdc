-- Rewrite rules other than those that make views.
select
    'rule' as kind,
    (pg_catalog.pg_identify_object('pg_catalog.pg_rewrite'::regclass, r.oid, 0)).identity as key,
    null::oid as owner, null::"char" as acl_kind, null::aclitem[] as acl, null::oid[] as roles,
    r.ev_enabled::text || ' ' || pg_catalog.pg_get_ruledef(r.oid) as definition,
    true as worded
from pg_catalog.pg_rewrite as r
join pg_catalog.pg_class as c on c.oid = r.ev_class
join user_schemas as n on n.oid = c.relnamespace
where r.rulename <> '_RETURN'
    and c.relpersistence <> 't'
    and not exists (
        select from members as m
        where (m.classid, m.objid) in (
            ('pg_catalog.pg_class'::regclass, c.oid), ('pg_catalog.pg_rewrite'::regclass, r.oid)
        )
    )
