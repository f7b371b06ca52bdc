-- The database itself, for its owner and grants; its key is always the same, since a copy may have another name.
select
    'database' as kind, '' as key, d.datdba as owner, 'd'::"char" as acl_kind, d.datacl as acl, null::oid[] as roles,
    '' as definition, false as worded
from pg_catalog.pg_database as d
where d.datname = pg_catalog.current_database()
