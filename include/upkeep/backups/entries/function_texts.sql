-- Defaults of arguments and bodies in standard SQL, which the server words itself; other bodies stand in functions.sql.
select
    'text of function' as kind,
    (pg_catalog.pg_identify_object('pg_catalog.pg_proc'::regclass, p.oid, 0)).identity as key,
    null::oid as owner, null::"char" as acl_kind, null::aclitem[] as acl, null::oid[] as roles,
    pg_catalog.pg_get_function_arguments(p.oid)
        || case when p.prokind <> 'a' and p.prosrc = '' then ' ' || pg_catalog.pg_get_functiondef(p.oid) else '' end as definition,
    true as worded
from pg_catalog.pg_proc as p
join user_schemas as n on n.oid = p.pronamespace
where (p.pronargdefaults > 0 or p.prosrc = '')
    and not exists (select from members as m where m.classid = 'pg_catalog.pg_proc'::regclass and m.objid = p.oid)
