-- Login roles that can do more than read and write data, by themselves or by a role that they may become, and how they are used now.
-- Caveat: membership counts at any distance. From version 16 on one may allow SET ROLE, inherit rights, both or neither; attributes such as
-- superuser need SET ROLE, and who may grant a role (ADMIN) can give itself both. Upkeep's own session is not counted.
with recursive membership as (
    select
        pair.member,
        pair.roleid,
        pair.admin_option or coalesce((pg_catalog.to_jsonb(pair) ->> 'set_option')::bool, true) as by_set,
        pair.admin_option or coalesce((pg_catalog.to_jsonb(pair) ->> 'inherit_option')::bool, true) as by_inheriting,
        pair.admin_option as by_granting
    from pg_catalog.pg_auth_members as pair
),

reachable as (
    select
        role.oid as login,
        role.oid as role,
        true as becomes
    from pg_catalog.pg_roles as role
    where role.rolcanlogin
    union
    select
        reachable.login,
        membership.roleid,
        (reachable.becomes and membership.by_set) or membership.by_granting
    from reachable
    inner join membership
        on membership.member = reachable.role
        and (membership.by_inheriting or (reachable.becomes and membership.by_set))
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
            ('superuser', role.rolsuper and reachable.becomes),
            ('createrole', role.rolcreaterole and reachable.becomes),
            ('createdb', role.rolcreatedb and reachable.becomes),
            ('replication', role.rolreplication and reachable.becomes),
            ('bypassrls', role.rolbypassrls and reachable.becomes),
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
