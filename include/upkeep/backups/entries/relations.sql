-- Tables, partitions, foreign tables, views, materialised views and sequences; their columns stand in columns.sql.
select
    case c.relkind
        when 'v' then 'view' when 'm' then 'materialized view' when 'S' then 'sequence' when 'f' then 'foreign table' else 'table'
    end as kind,
    i.identity as key,
    c.relowner as owner,
    (case c.relkind when 'S' then 's' else 'r' end)::"char" as acl_kind,
    c.relacl as acl,
    null::oid[] as roles,
    pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object(
        'unlogged', nullif(c.relpersistence = 'u', false),
        -- Here and below a query within is not even begun where there is nothing.
        'options', case when c.reloptions is null then '{}'::text[] else
            array(select x from pg_catalog.unnest(c.reloptions) as x order by x collate "C") end,
        'toast options', t.reloptions,
        'access method', (select a.amname from pg_catalog.pg_am as a where a.oid = c.relam),
        'of type', nullif(c.reloftype, 0)::regtype::text,
        'row security', nullif(c.relrowsecurity, false),
        'forced row security', nullif(c.relforcerowsecurity, false),
        'replica identity', nullif(c.relreplident, 'd'),
        'partitioned by', pg_catalog.pg_get_partkeydef(c.oid),
        'bound', pg_catalog.pg_get_expr(c.relpartbound, c.oid),
        'inherits', case when c.oid in (select h.inhrelid from pg_catalog.pg_inherits as h) then (
            select pg_catalog.jsonb_agg(h.inhparent::regclass::text order by h.inhseqno)
            from pg_catalog.pg_inherits as h where h.inhrelid = c.oid
        ) end,
        'not filled', case when c.relkind = 'm' then nullif(not c.relispopulated, false) end,
        'server', s.srvname,
        'table options', case when f.ftoptions is not null then (
            select pg_catalog.jsonb_agg(
                case when x ~* '^[^=]*(pass|secret|token|key)[^=]*=' then pg_catalog.split_part(x, '=', 1) else x end
                order by x collate "C"
            )
            from pg_catalog.unnest(f.ftoptions) as x
        ) end,
        'sequence', case when q.seqrelid is not null then pg_catalog.jsonb_build_object(
            'type', q.seqtypid::regtype::text, 'start', q.seqstart, 'increment', q.seqincrement,
            'min', q.seqmin, 'max', q.seqmax, 'cache', q.seqcache, 'cycle', q.seqcycle
        ) end,
        'owned by', (
            select (pg_catalog.pg_identify_object(d.refclassid, d.refobjid, d.refobjsubid)).identity
            from pg_catalog.pg_depend as d
            where c.relkind = 'S' and d.classid = 'pg_catalog.pg_class'::regclass and d.objid = c.oid
                and d.refclassid = 'pg_catalog.pg_class'::regclass and d.deptype in ('a', 'i')
        )
    ))::text as definition,
    false as worded
from pg_catalog.pg_class as c
join user_schemas as n on n.oid = c.relnamespace
left join pg_catalog.pg_class as t on t.oid = c.reltoastrelid
left join pg_catalog.pg_foreign_table as f on f.ftrelid = c.oid
left join pg_catalog.pg_foreign_server as s on s.oid = f.ftserver
left join pg_catalog.pg_sequence as q on q.seqrelid = c.oid
cross join lateral pg_catalog.pg_identify_object('pg_catalog.pg_class'::regclass, c.oid, 0) as i
where c.relkind in ('r', 'p', 'f', 'v', 'm', 'S')
    and c.relpersistence <> 't'
    and not exists (select from members as m where m.classid = 'pg_catalog.pg_class'::regclass and m.objid = c.oid)
