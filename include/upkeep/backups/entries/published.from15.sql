-- Rows and columns of published tables, and published schemas.
select
    'publication of' as kind,
    pg_catalog.quote_ident(p.pubname) || ' ' || r.prrelid::regclass::text as key,
    null::oid as owner, null::"char" as acl_kind, null::aclitem[] as acl, null::oid[] as roles,
    pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object(
        'where', pg_catalog.pg_get_expr(r.prqual, r.prrelid),
        'columns', (
            select pg_catalog.jsonb_agg(a.attname order by a.attname collate "C")
            from pg_catalog.pg_attribute as a
            where a.attrelid = r.prrelid and a.attnum = any(r.prattrs)
        )
    ))::text as definition,
    r.prqual is not null as worded
from pg_catalog.pg_publication_rel as r
join pg_catalog.pg_publication as p on p.oid = r.prpubid
where r.prqual is not null or r.prattrs is not null
union all
select 'publication of', pg_catalog.quote_ident(p.pubname) || ' schema ' || s.pnnspid::regnamespace::text, null, null, null, null, '', false
from pg_catalog.pg_publication_namespace as s
join pg_catalog.pg_publication as p on p.oid = s.pnpubid
