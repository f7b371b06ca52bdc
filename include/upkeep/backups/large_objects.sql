-- Number and multiset hash of the large objects, a megabyte at a time; holes read as zeros, as in a restored copy.
with recursive part (oid, page, data) as (
    select
        m.oid,
        0::pg_catalog.int8,
        pg_catalog.lo_get(m.oid, 0, 1048576)
    from pg_catalog.pg_largeobject_metadata as m
    union all
    select
        p.oid,
        p.page + 1,
        pg_catalog.lo_get(p.oid, (p.page + 1) * 1048576, 1048576)
    from part as p
    where pg_catalog.octet_length(p.data) = 1048576
)
select
    count(*) filter (where page = 0) as objects,
    coalesce(
        sum(pg_catalog.hashtextextended(pg_catalog.encode(data, 'hex') collate "C", oid::pg_catalog.int8 * 65536 + page)), 0
    )::pg_catalog.text as digest
from part
