-- Objects that were told to go with an extension.
select
    'dependency' as kind, i.type || ' ' || i.identity || ' on extension ' || pg_catalog.quote_ident(e.extname) as key,
    null::oid as owner, null::"char" as acl_kind, null::aclitem[] as acl, null::oid[] as roles, '' as definition, false as worded
from pg_catalog.pg_depend as d
join pg_catalog.pg_extension as e on e.oid = d.refobjid
cross join lateral pg_catalog.pg_identify_object(d.classid, d.objid, d.objsubid) as i
where d.deptype = 'x' and d.refclassid = 'pg_catalog.pg_extension'::regclass
