-- Enums, domains, composite, range and base types; attributes of composite ones stand in columns.sql.
select
    case t.typtype when 'd' then 'domain' else 'type' end as kind,
    i.identity as key,
    t.typowner as owner,
    'T'::"char" as acl_kind,
    t.typacl as acl,
    null::oid[] as roles,
    pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object(
        'is', t.typtype,
        'labels', (
            select pg_catalog.jsonb_agg(e.enumlabel order by e.enumsortorder)
            from pg_catalog.pg_enum as e where e.enumtypid = t.oid
        ),
        'domain', case when t.typtype = 'd' then pg_catalog.jsonb_build_object(
            'over', pg_catalog.format_type(t.typbasetype, t.typtypmod), 'not null', t.typnotnull,
            'collation', nullif(t.typcollation, 0)::regcollation::text
        ) end,
        'range', (
            select pg_catalog.jsonb_build_object(
                'of', r.rngsubtype::regtype::text, 'collation', nullif(r.rngcollation, 0)::regcollation::text,
                'class', (
                    pg_catalog.pg_identify_object('pg_catalog.pg_opclass'::regclass, r.rngsubopc, 0)
                ).identity,
                'canonical', r.rngcanonical, 'difference', r.rngsubdiff,
                'multirange', (nullif(pg_catalog.to_jsonb(r) ->> 'rngmultitypid', '0')::oid)::regtype::text
            )
            from pg_catalog.pg_range as r where r.rngtypid = t.oid
        ),
        'base', case when t.typtype = 'b' then pg_catalog.jsonb_build_object(
            'input', t.typinput, 'output', t.typoutput, 'receive', t.typreceive, 'send', t.typsend, 'modin', t.typmodin,
            'modout', t.typmodout, 'analyze', t.typanalyze, 'length', t.typlen, 'by value', t.typbyval, 'align', t.typalign,
            'storage', t.typstorage, 'delimiter', t.typdelim, 'default', t.typdefault, 'category', t.typcategory,
            'preferred', t.typispreferred, 'collatable', t.typcollation <> 0
        ) end
    ))::text as definition,
    false as worded
from pg_catalog.pg_type as t
join user_schemas as n on n.oid = t.typnamespace
left join pg_catalog.pg_class as c on c.oid = t.typrelid
cross join lateral pg_catalog.pg_identify_object('pg_catalog.pg_type'::regclass, t.oid, 0) as i
where t.typisdefined
    and t.typtype in ('b', 'c', 'd', 'e', 'r')
    and (t.typtype <> 'c' or c.relkind = 'c')
    and not exists (select from pg_catalog.pg_type as e where e.typarray = t.oid)
    and not exists (select from members as m where m.classid = 'pg_catalog.pg_type'::regclass and m.objid = t.oid)
