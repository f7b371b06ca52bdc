-- Publications with their tables, and the names of subscriptions, whose connections are secret.
select
    'publication' as kind, pg_catalog.quote_ident(p.pubname) as key, p.pubowner as owner,
    null::"char" as acl_kind, null::aclitem[] as acl, null::oid[] as roles,
    pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object(
        'all tables', p.puballtables, 'insert', p.pubinsert, 'update', p.pubupdate, 'delete', p.pubdelete,
        'truncate', p.pubtruncate, 'via root', p.pubviaroot, 'tables', (
            select pg_catalog.jsonb_agg(r.prrelid::regclass::text order by r.prrelid::regclass::text collate "C")
            from pg_catalog.pg_publication_rel as r where r.prpubid = p.oid
        )
    ))::text as definition,
    false as worded
from pg_catalog.pg_publication as p
union all
select 'subscription', pg_catalog.quote_ident(s.subname), s.subowner, null, null, null, '', false
from pg_catalog.pg_subscription as s
where s.subdbid = (select d.oid from pg_catalog.pg_database as d where d.datname = pg_catalog.current_database())
