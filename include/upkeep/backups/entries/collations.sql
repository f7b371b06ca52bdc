-- Collations, whose ICU names newer servers word anew, and conversions.
select
    'collation' as kind, c.oid::regcollation::text as key, c.collowner as owner,
    null::"char" as acl_kind, null::aclitem[] as acl, null::oid[] as roles,
    pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object(
        'provider', c.collprovider,
        'locale', coalesce(
            pg_catalog.to_jsonb(c) ->> 'colllocale', pg_catalog.to_jsonb(c) ->> 'colliculocale', c.collcollate
        ),
        'ctype', case when c.collprovider = 'c' then c.collctype end,
        'rules', pg_catalog.to_jsonb(c) ->> 'collicurules',
        'deterministic', c.collisdeterministic
    ))::text as definition,
    c.collprovider = 'i' as worded
from pg_catalog.pg_collation as c
join user_schemas as n on n.oid = c.collnamespace
where not exists (select from members as m where m.classid = 'pg_catalog.pg_collation'::regclass and m.objid = c.oid)
union all
select
    'conversion', i.identity, c.conowner, null, null, null,
    pg_catalog.concat_ws(
        ' ', pg_catalog.pg_encoding_to_char(c.conforencoding), pg_catalog.pg_encoding_to_char(c.contoencoding), c.conproc,
        case when c.condefault then 'default' end
    ),
    false
from pg_catalog.pg_conversion as c
join user_schemas as n on n.oid = c.connamespace
cross join lateral pg_catalog.pg_identify_object('pg_catalog.pg_conversion'::regclass, c.oid, 0) as i
where not exists (select from members as m where m.classid = 'pg_catalog.pg_conversion'::regclass and m.objid = c.oid)
