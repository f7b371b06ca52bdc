-- Large objects, counted by owner and grants, since there may be millions.
select
    'large objects' as kind,
    'from ' || min(l.oid)::text as key,
    l.lomowner as owner, 'L'::"char" as acl_kind, l.lomacl::text::aclitem[] as acl, null::oid[] as roles,
    pg_catalog.concat_ws(' ', pg_catalog.count(*), pg_catalog.sum(pg_catalog.hashtextextended(l.oid::text, 0))) as definition,
    false as worded
from pg_catalog.pg_largeobject_metadata as l
group by l.lomowner, l.lomacl::text
