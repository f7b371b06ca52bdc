-- Event triggers.
select
    'event trigger' as kind, pg_catalog.quote_ident(t.evtname) as key, t.evtowner as owner,
    null::"char" as acl_kind, null::aclitem[] as acl, null::oid[] as roles,
    pg_catalog.concat_ws(
        ' ', t.evtenabled, t.evtevent, t.evtfoid::regproc::text, pg_catalog.array_to_string(t.evttags, ', ')
    ) as definition,
    false as worded
from pg_catalog.pg_event_trigger as t
where not exists (select from members as m where m.classid = 'pg_catalog.pg_event_trigger'::regclass and m.objid = t.oid)
