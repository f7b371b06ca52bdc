-- Triggers and whether they fire; clones on partitions only where they differ from their parent.
select
    'trigger' as kind,
    (pg_catalog.pg_identify_object('pg_catalog.pg_trigger'::regclass, t.oid, 0)).identity as key,
    null::oid as owner, null::"char" as acl_kind, null::aclitem[] as acl, null::oid[] as roles,
    t.tgenabled::text || ' ' || pg_catalog.pg_get_triggerdef(t.oid) as definition,
    t.tgqual is not null as worded
from pg_catalog.pg_trigger as t
join pg_catalog.pg_class as c on c.oid = t.tgrelid
join user_schemas as n on n.oid = c.relnamespace
left join pg_catalog.pg_trigger as p on p.oid = t.tgparentid
where not t.tgisinternal
    and c.relpersistence <> 't'
    and (p.oid is null or p.tgenabled <> t.tgenabled)
    and not exists (
        select from members as m
        where (m.classid, m.objid) in (
            ('pg_catalog.pg_class'::regclass, c.oid), ('pg_catalog.pg_trigger'::regclass, t.oid)
        )
    )
