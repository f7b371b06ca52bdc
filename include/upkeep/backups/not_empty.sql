-- The first few things in a database that template0 has not. {made} are rows of catalogs that initdb did not make, {granted} rows of
-- it whose grants are others than at first; both are built from the catalogs themselves.
with temporary as (
    select n.oid
    from pg_catalog.pg_namespace as n
    where n.nspname ~ '^pg_(toast_)?temp_\d+$'
),
made (classid, objid) as (
    {made}
),
granted (classid, objid) as (
    {granted}
),
-- What initdb granted there is not among the first grants.
standard (classid, objid) as (
    select g.classid, g.objid
    from granted as g
    cross join lateral pg_catalog.pg_identify_object(g.classid, g.objid, 0) as i
    where 'information_schema' in (i.schema, i.identity)
),
own as (
    select m.classid, m.objid
    from made as m
    where not (m.classid = 'pg_catalog.pg_namespace'::pg_catalog.regclass and m.objid in (select t.oid from temporary as t))
        -- What belongs to a temporary table goes with it.
        and not exists (
            with recursive above (classid, objid) as (
                select m.classid, m.objid
                union
                select d.refclassid, d.refobjid
                from above as a
                inner join pg_catalog.pg_depend as d
                    on d.classid = a.classid and d.objid = a.objid
                        and (d.deptype in ('i', 'a') or d.refclassid = 'pg_catalog.pg_namespace'::pg_catalog.regclass)
            )
            select
            from above as a
            where a.classid = 'pg_catalog.pg_namespace'::pg_catalog.regclass and a.objid in (select t.oid from temporary as t)
        )
),
found (rank, what) as (
    select
        case
            when exists (
                select
                from pg_catalog.pg_depend as d
                where d.classid = o.classid and d.objid = o.objid and d.deptype in ('i', 'a', 'e', 'P', 'S')
            ) then 3
            when o.classid = 'pg_catalog.pg_class'::pg_catalog.regclass then 0
            else 1
        end,
        coalesce(pg_catalog.pg_describe_object(o.classid, o.objid, 0), 'something that is being dropped')
    from own as o
    union all
    select 2, 'grants on ' || pg_catalog.pg_describe_object(g.classid, g.objid, 0)
    from granted as g
    where not exists (select from standard as s where s.classid = g.classid and s.objid = g.objid)
    union all
    select 2, 'grants on ' || pg_catalog.pg_describe_object('pg_catalog.pg_class'::pg_catalog.regclass, a.attrelid, a.attnum)
    from pg_catalog.pg_attribute as a
    where a.attrelid < 16384
        and a.attacl is distinct from (
            select i.initprivs
            from pg_catalog.pg_init_privs as i
            where i.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass and i.objoid = a.attrelid and i.objsubid = a.attnum
        )
    union all
    select 2, 'another owner of schema public'
    from pg_catalog.pg_namespace as n
    where n.nspname = 'public' and n.oid < 16384
        and pg_catalog.pg_get_userbyid(n.nspowner) <> 'pg_database_owner' and n.nspowner <> 10
    union all
    select 2, 'a comment on ' || pg_catalog.pg_describe_object(d.classoid, d.objoid, 0)
    from pg_catalog.pg_description as d
    where d.classoid = 'pg_catalog.pg_namespace'::pg_catalog.regclass
        and d.objoid < 16384
        and d.objsubid = 0
        and pg_catalog.to_regnamespace('public') = d.objoid
        and d.description <> 'standard public schema'
    union all
    select 2, 'security label of ' || s.provider || ' on ' || pg_catalog.pg_describe_object(s.classoid, s.objoid, s.objsubid)
    from pg_catalog.pg_seclabel as s
    union all
    select
        2,
        'settings of the database' || case when s.setrole <> 0
            then ' for role ' || pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(s.setrole)::pg_catalog.text) else '' end
    from pg_catalog.pg_db_role_setting as s
    inner join pg_catalog.pg_database as d on d.oid = s.setdatabase
    where d.datname = pg_catalog.current_database()
    union all
    select 1, 'subscription ' || pg_catalog.quote_ident(s.subname)
    from pg_catalog.pg_subscription as s
    inner join pg_catalog.pg_database as d on d.oid = s.subdbid
    where d.datname = pg_catalog.current_database()
)
select f.what
from found as f
-- Parts of other things are named only when there is nothing else.
where f.rank < 3 or not exists (select from found as o where o.rank < 3)
order by f.rank, f.what collate "C"
limit 5
