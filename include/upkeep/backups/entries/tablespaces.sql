-- Relations that stand in a tablespace of their own.
select
    'tablespace' as kind, c.oid::regclass::text as key,
    null::oid as owner, null::"char" as acl_kind, null::aclitem[] as acl, null::oid[] as roles,
    s.spcname::text as definition, false as worded
from pg_catalog.pg_class as c
join user_schemas as n on n.oid = c.relnamespace
join pg_catalog.pg_tablespace as s on s.oid = c.reltablespace
where c.relpersistence <> 't'
