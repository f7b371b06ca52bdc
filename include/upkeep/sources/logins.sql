-- Login roles that can do more than read and write data, by themselves or by a role that they may become, and how they are used now.
-- Caveat: membership counts at any distance, whether inherited or not, since SET ROLE reaches it. Upkeep's own session is not counted.
with recursive reachable as (
    select
        role.oid as login,
        role.oid as role
    from pg_catalog.pg_roles as role
    where role.rolcanlogin
    union
    select
        reachable.login,
        membership.roleid
    from reachable
    inner join pg_catalog.pg_auth_members as membership
        on membership.member = reachable.role
),

power as (
    select
        reachable.login,
        held.name,
        pg_catalog.min(role.rolname::text) filter (where role.oid <> reachable.login) as by_way_of
    from reachable
    inner join pg_catalog.pg_roles as role
        on role.oid = reachable.role
    cross join lateral (
        values
            ('superuser', role.rolsuper),
            ('createrole', role.rolcreaterole),
            ('createdb', role.rolcreatedb),
            ('replication', role.rolreplication),
            ('bypassrls', role.rolbypassrls),
            (
                role.rolname,
                role.rolname in ('pg_execute_server_program', 'pg_write_server_files', 'pg_read_server_files')
            )
    ) as held (name, has)
    where held.has
    group by
        reachable.login,
        held.name
),

used as (
    select
        activity.usesysid,
        count(*) as sessions,
        pg_catalog.json_agg(distinct coalesce(activity.application_name, '')) as applications
    from pg_catalog.pg_stat_activity as activity
    where activity.backend_type = 'client backend'
    and activity.pid <> pg_catalog.pg_backend_pid()
    group by activity.usesysid
)

select
    role.rolname::text as name,
    pg_catalog.quote_ident(role.rolname) as quoted,
    pg_catalog.json_object_agg(power.name, coalesce(power.by_way_of, '') order by power.name) as powers,
    coalesce(role.rolvaliduntil < pg_catalog.clock_timestamp(), false) as expired,
    coalesce((select used.applications::jsonb from used where used.usesysid = role.oid), '[]') as applications
from pg_catalog.pg_roles as role
inner join power
    on power.login = role.oid
where role.rolname not like 'pg\_%'
group by
    role.oid,
    role.rolname,
    role.rolvaliduntil
order by role.rolname
