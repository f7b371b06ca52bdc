-- Functions that run with their owner's rights (security definer), their search_path, and which logins gain rights by calling them.
-- Caveat: bodies in standard SQL (`begin atomic`) were resolved when they were made, and C functions look nothing up: both are left out.
with definer as materialized (
    select
        function.oid,
        function.proowner,
        function.pronamespace,
        pg_catalog.format(
            '%I.%I(%s)',
            namespace.nspname,
            function.proname,
            pg_catalog.pg_get_function_identity_arguments(function.oid)
        ) as name,
        pg_catalog.quote_ident(namespace.nspname) as schema,
        owner.rolname::text as owner,
        owner.rolsuper as owner_is_superuser,
        function.prorettype = 'pg_catalog.trigger'::pg_catalog.regtype as is_trigger,
        (
            select pg_catalog.substr(setting, pg_catalog.length('search_path=') + 1)
            from pg_catalog.unnest(function.proconfig) as setting
            where setting like 'search\_path=%'
        ) as search_path,
        exists (
            select
            from pg_catalog.aclexplode(
                coalesce(function.proacl, pg_catalog.acldefault('f', function.proowner))
            ) as granted
            where granted.privilege_type = 'EXECUTE'
            and granted.grantee <> function.proowner
        ) as for_others
    from pg_catalog.pg_proc as function
    inner join pg_catalog.pg_namespace as namespace
        on namespace.oid = function.pronamespace
    inner join pg_catalog.pg_language as language
        on language.oid = function.prolang
    inner join pg_catalog.pg_roles as owner
        on owner.oid = function.proowner
    where function.prosecdef
    and language.lanname not in ('internal', 'c')
    and (pg_catalog.to_jsonb(function) ->> 'prosqlbody') is null
    and namespace.nspname not in ('pg_catalog', 'information_schema')
    and not exists (
        select
        from pg_catalog.pg_depend as member
        where member.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass
        and member.objid = function.oid
        and member.deptype = 'e'
    )
)

select
    definer.name,
    definer.schema,
    definer.owner,
    definer.owner_is_superuser,
    definer.is_trigger,
    definer.search_path,
    definer.for_others,
    array(
        select login.rolname::text
        from pg_catalog.pg_roles as login
        where login.rolcanlogin
        and not login.rolsuper
        and not pg_catalog.pg_has_role(login.oid, definer.proowner, 'usage')
        and pg_catalog.has_schema_privilege(login.oid, definer.pronamespace, 'usage')
        and pg_catalog.has_function_privilege(login.oid, definer.oid, 'execute')
        order by login.rolname
    ) as callers,
    array(
        select namespace.nspname::text
        from pg_catalog.pg_namespace as namespace
        cross join lateral pg_catalog.aclexplode(
            coalesce(namespace.nspacl, pg_catalog.acldefault('n', namespace.nspowner))
        ) as granted
        where granted.grantee = 0
        and granted.privilege_type = 'CREATE'
        order by namespace.nspname
    ) as open_schemas
from definer
order by definer.name
