-- Constraints of tables and domains. Not-null ones are columns' (their own rows are new in 18); clones follow their parents.
select
    'constraint' as kind,
    (pg_catalog.pg_identify_object('pg_catalog.pg_constraint'::regclass, o.oid, 0)).identity as key,
    null::oid as owner, null::"char" as acl_kind, null::aclitem[] as acl, null::oid[] as roles,
    pg_catalog.pg_get_constraintdef(o.oid) as definition,
    o.contype in ('c', 'x') as worded
from pg_catalog.pg_constraint as o
join user_schemas as n on n.oid = o.connamespace
left join pg_catalog.pg_class as c on c.oid = o.conrelid
where o.contype in ('c', 'f', 'p', 'u', 'x')
    and (o.contype <> 'f' or o.conparentid = 0)
    and c.relpersistence is distinct from 't'
    and not exists (
        select from members as m
        where (m.classid, m.objid) in (
            ('pg_catalog.pg_class'::regclass, o.conrelid), ('pg_catalog.pg_type'::regclass, o.contypid),
            ('pg_catalog.pg_constraint'::regclass, o.oid)
        )
    )
