-- Roles that this database depends on: named in it or for it, those they are members of, and those that act through them.
with recursive here as (
    select d.oid, d.datdba from pg_catalog.pg_database as d where d.datname = pg_catalog.current_database()
),
named (oid) as (
    select s.refobjid
    from pg_catalog.pg_shdepend as s
    cross join here as h
    where s.refclassid = 'pg_catalog.pg_authid'::pg_catalog.regclass
        and (
            s.dbid = h.oid
            or (s.dbid = 0 and s.classid = 'pg_catalog.pg_database'::pg_catalog.regclass and s.objid = h.oid)
            or (
                s.dbid = 0
                and s.classid = 'pg_catalog.pg_subscription'::pg_catalog.regclass
                and s.objid in (select u.oid from pg_catalog.pg_subscription as u where u.subdbid = h.oid)
            )
        )
    union
    select h.datdba from here as h
    union
    select s.setrole
    from pg_catalog.pg_db_role_setting as s
    inner join here as h on h.oid = s.setdatabase
    where s.setrole <> 0
    union
    select r.oid
    from pg_catalog.pg_db_role_setting as s
    inner join here as h on h.oid = s.setdatabase
    cross join lateral pg_catalog.unnest(s.setconfig) as c (setting)
    inner join pg_catalog.pg_roles as r on c.setting = 'role=' || r.rolname
    union
    select r.oid from pg_catalog.pg_roles as r where r.rolname = any(%(also)s)
),
above (oid) as (
    select n.oid from named as n
    union
    select m.roleid
    from above as a
    inner join pg_catalog.pg_auth_members as m on m.member = a.oid
),
below (oid) as (
    select n.oid
    from named as n
    inner join pg_catalog.pg_roles as r on r.oid = n.oid and r.rolname !~ '^pg_'
    union
    select m.member
    from below as b
    inner join pg_catalog.pg_auth_members as m on m.roleid = b.oid
),
memberships (member, list) as (
    select
        g.member,
        pg_catalog.jsonb_agg(
            pg_catalog.jsonb_build_object('role', g.role, 'admin', g.admin, 'inherit', g.inherit, 'set', g.set) order by g.role
        )
    from (
        select
            m.member,
            pg_catalog.pg_get_userbyid(m.roleid)::pg_catalog.text as role,
            pg_catalog.bool_or(m.admin_option) as admin,
            pg_catalog.bool_or((pg_catalog.to_jsonb(m) ->> 'inherit_option')::pg_catalog.bool) as inherit,
            pg_catalog.bool_or((pg_catalog.to_jsonb(m) ->> 'set_option')::pg_catalog.bool) as set
        from pg_catalog.pg_auth_members as m
        -- What a restore has lent goes with it.
        where not pg_catalog.starts_with(pg_catalog.pg_get_userbyid(m.roleid)::pg_catalog.text, 'upkeep_lent_')
        group by m.member, m.roleid
    ) as g
    group by g.member
)
select
    r.rolname::pg_catalog.text as name,
    case
        when r.oid in (select n.oid from named as n) then 'named'
        when r.oid in (select a.oid from above as a) then 'above'
        else 'member'
    end as why,
    r.rolsuper as superuser,
    r.rolcreatedb as createdb,
    r.rolcreaterole as createrole,
    r.rolinherit as inherit,
    r.rolcanlogin as login,
    r.rolreplication as replication,
    r.rolbypassrls as bypassrls,
    r.rolconnlimit as connection_limit,
    case
        when pg_catalog.isfinite(r.rolvaliduntil) then (r.rolvaliduntil at time zone 'UTC')::pg_catalog.text || '+00'
        else r.rolvaliduntil::pg_catalog.text
    end as valid_until,
    pg_catalog.shobj_description(r.oid, 'pg_authid') as comment,
    coalesce(pg_catalog.to_jsonb(s.setconfig), '[]') as settings,
    coalesce(m.list, '[]') as memberships
from pg_catalog.pg_roles as r
left join pg_catalog.pg_db_role_setting as s on s.setrole = r.oid and s.setdatabase = 0
left join memberships as m on m.member = r.oid
where r.oid in (select a.oid from above as a union all select b.oid from below as b)
    and r.rolname !~ '^pg_'
    and not pg_catalog.starts_with(r.rolname::pg_catalog.text, 'upkeep_lent_')
order by r.rolname collate "C"
