-- Versions that the server's own files decide: of extensions, and of the collations that the C library or ICU brings.
select
    'extension version' as kind, pg_catalog.quote_ident(e.extname) as key,
    null::oid as owner, null::"char" as acl_kind, null::aclitem[] as acl, null::oid[] as roles, e.extversion as definition,
    false as worded
from pg_catalog.pg_extension as e
union all
select 'collation version', c.oid::regcollation::text, null, null, null, null, c.collversion, false
from pg_catalog.pg_collation as c
join user_schemas as n on n.oid = c.collnamespace
where c.collversion is not null
