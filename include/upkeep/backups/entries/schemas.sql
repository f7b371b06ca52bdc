-- Schemas.
select
    'schema' as kind, pg_catalog.quote_ident(n.nspname) as key, n.nspowner as owner, 'n'::"char" as acl_kind, n.nspacl as acl,
    null::oid[] as roles, '' as definition, false as worded
from pg_catalog.pg_namespace as n
join user_schemas using (oid)
where not exists (select from members as m where m.classid = 'pg_catalog.pg_namespace'::regclass and m.objid = n.oid)
