-- Operator classes and families, with the operators and functions of a family.
select
    'operator class' as kind, i.identity as key, c.opcowner as owner,
    null::"char" as acl_kind, null::aclitem[] as acl, null::oid[] as roles,
    pg_catalog.jsonb_build_object(
        'for', c.opcintype::regtype::text, 'default', c.opcdefault, 'stores', nullif(c.opckeytype, 0)::regtype::text,
        'family', (pg_catalog.pg_identify_object('pg_catalog.pg_opfamily'::regclass, c.opcfamily, 0)).identity
    )::text as definition,
    false as worded
from pg_catalog.pg_opclass as c
join user_schemas as n on n.oid = c.opcnamespace
cross join lateral pg_catalog.pg_identify_object('pg_catalog.pg_opclass'::regclass, c.oid, 0) as i
where not exists (select from members as m where m.classid = 'pg_catalog.pg_opclass'::regclass and m.objid = c.oid)
union all
select
    'operator family', i.identity, f.opfowner, null, null, null,
    pg_catalog.jsonb_build_object(
        'operators', (
            select pg_catalog.jsonb_agg(line order by line collate "C")
            from pg_catalog.pg_amop as a
            cross join lateral pg_catalog.concat_ws(' ', a.amopstrategy, a.amoppurpose, a.amopopr::regoperator::text) as line
            where a.amopfamily = f.oid
        ),
        'functions', (
            select pg_catalog.jsonb_agg(line order by line collate "C")
            from pg_catalog.pg_amproc as a
            cross join lateral pg_catalog.concat_ws(
                ' ', a.amprocnum, a.amproclefttype::regtype::text, a.amprocrighttype::regtype::text,
                a.amproc::pg_catalog.regprocedure::text
            ) as line
            where a.amprocfamily = f.oid
        )
    )::text,
    false
from pg_catalog.pg_opfamily as f
join user_schemas as n on n.oid = f.opfnamespace
cross join lateral pg_catalog.pg_identify_object('pg_catalog.pg_opfamily'::regclass, f.oid, 0) as i
where not exists (select from members as m where m.classid = 'pg_catalog.pg_opfamily'::regclass and m.objid = f.oid)
