-- Extended statistics.
select
    'statistics' as kind,
    (pg_catalog.pg_identify_object('pg_catalog.pg_statistic_ext'::regclass, s.oid, 0)).identity as key,
    s.stxowner as owner, null::"char" as acl_kind, null::aclitem[] as acl, null::oid[] as roles,
    pg_catalog.concat_ws(' ', pg_catalog.pg_get_statisticsobjdef(s.oid), nullif(s.stxstattarget, -1)) as definition,
    true as worded
from pg_catalog.pg_statistic_ext as s
join user_schemas as n on n.oid = s.stxnamespace
where not exists (select from members as m where m.classid = 'pg_catalog.pg_statistic_ext'::regclass and m.objid = s.oid)
