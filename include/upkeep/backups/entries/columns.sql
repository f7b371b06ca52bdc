-- Columns of relations and attributes of composite types, in their order.
select
    'column' as kind,
    i.identity as key,
    null::oid as owner,
    'c'::"char" as acl_kind,
    a.attacl as acl,
    null::oid[] as roles,
    pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object(
        'position', case when c.relispartition or not exists (
            select from pg_catalog.pg_inherits as h where h.inhrelid = c.oid
        ) then pg_catalog.row_number() over (partition by c.oid order by a.attnum) end,
        'type', pg_catalog.format_type(a.atttypid, a.atttypmod),
        'not null', nullif(a.attnotnull, false),
        -- Partitions have their root's, which shows on them from 17 on.
        'identity', case when not c.relispartition then nullif(a.attidentity, '') end,
        'generated', nullif(a.attgenerated, ''),
        'collation', case when a.attcollation not in (0, t.typcollation) then a.attcollation::regcollation::text end,
        'storage', nullif(a.attstorage, t.typstorage),
        'compression', nullif((select attcompression from (select a.*) as own), ''),
        'statistics', nullif(a.attstattarget, -1),
        'options', case when a.attoptions is not null then (
            -- pg_attver is a stamp that Debian's server puts there; a dump leaves it out.
            select pg_catalog.jsonb_agg(x order by x collate "C") from pg_catalog.unnest(a.attoptions) as x where x !~ '^pg_attver='
        ) end,
        'foreign options', case when a.attfdwoptions is not null then (
            select pg_catalog.jsonb_agg(x order by x collate "C") from pg_catalog.unnest(a.attfdwoptions) as x
        ) end
    ))::text as definition,
    false as worded
from pg_catalog.pg_attribute as a
-- Where the server's catalog has no such column (before 14) this is meant.
cross join (values (''::"char")) as none (attcompression)
join pg_catalog.pg_class as c on c.oid = a.attrelid
join user_schemas as n on n.oid = c.relnamespace
join pg_catalog.pg_type as t on t.oid = a.atttypid
cross join lateral pg_catalog.pg_identify_object('pg_catalog.pg_class'::regclass, c.oid, a.attnum) as i
where c.relkind in ('r', 'p', 'f', 'v', 'm', 'c')
    and c.relpersistence <> 't'
    and a.attnum > 0
    and not a.attisdropped
    and not exists (select from members as m where m.classid = 'pg_catalog.pg_class'::regclass and m.objid = c.oid)
    and not exists (select from members as m where m.classid = 'pg_catalog.pg_type'::regclass and m.objid = c.reltype)
