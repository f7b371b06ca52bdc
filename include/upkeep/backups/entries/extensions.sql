-- Extensions and their schemas; versions differ between servers, and their owner is whoever restored.
select
    'extension' as kind, pg_catalog.quote_ident(e.extname) as key,
    null::oid as owner, null::"char" as acl_kind, null::aclitem[] as acl, null::oid[] as roles,
    'in schema ' || e.extnamespace::regnamespace::text as definition,
    false as worded
from pg_catalog.pg_extension as e
union all
select
    'language', pg_catalog.quote_ident(l.lanname), l.lanowner, 'l', l.lanacl, null,
    pg_catalog.concat_ws(
        ' ', case when l.lanpltrusted then 'trusted' end, nullif(l.lanplcallfoid, 0)::regproc::text,
        nullif(l.laninline, 0)::regproc::text, nullif(l.lanvalidator, 0)::regproc::text
    ),
    false
from pg_catalog.pg_language as l
where l.lanispl
    and not exists (select from members as m where m.classid = 'pg_catalog.pg_language'::regclass and m.objid = l.oid)
union all
select 'access method', pg_catalog.quote_ident(a.amname), null, null, null, null, a.amtype::text || ' ' || a.amhandler::text, false
from pg_catalog.pg_am as a
where a.oid >= 16384
    and not exists (select from members as m where m.classid = 'pg_catalog.pg_am'::regclass and m.objid = a.oid)
