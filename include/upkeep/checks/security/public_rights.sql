-- What everybody who may log in (PUBLIC) was given: on tables, columns, sequences, large objects, the database, guarded functions, servers,
-- tablespaces, and on what will be made (default privileges).
-- Caveat: what initdb or an extension's script gave is left out, as is EXECUTE on ordinary functions, which everybody has by default.
with public_grant as (
    select
        'pg_catalog.pg_class'::pg_catalog.regclass as classoid,
        class.oid as objoid,
        0 as objsubid,
        granted.privilege_type
    from pg_catalog.pg_class as class
    cross join lateral pg_catalog.aclexplode(class.relacl) as granted
    where granted.grantee = 0
    and class.relpersistence <> 't'
    and class.relnamespace <> 'information_schema'::pg_catalog.regnamespace
    union all
    select
        'pg_catalog.pg_class'::pg_catalog.regclass,
        attribute.attrelid,
        attribute.attnum,
        granted.privilege_type
    from pg_catalog.pg_attribute as attribute
    cross join lateral pg_catalog.aclexplode(attribute.attacl) as granted
    where granted.grantee = 0
    and not attribute.attisdropped
    union all
    select
        'pg_catalog.pg_proc'::pg_catalog.regclass,
        guarded.objoid,
        0,
        granted.privilege_type
    from pg_catalog.pg_init_privs as guarded
    inner join pg_catalog.pg_proc as function
        on function.oid = guarded.objoid
    cross join lateral pg_catalog.aclexplode(function.proacl) as granted
    where guarded.classoid = 'pg_catalog.pg_proc'::pg_catalog.regclass
    and granted.grantee = 0
),

added as (
    select public_grant.*
    from public_grant
    where not exists (
        select
        from pg_catalog.pg_init_privs as initial
        cross join lateral pg_catalog.aclexplode(initial.initprivs) as granted
        where initial.classoid = public_grant.classoid
        and initial.objoid = public_grant.objoid
        and initial.objsubid = public_grant.objsubid
        and granted.grantee = 0
        and granted.privilege_type = public_grant.privilege_type
    )
),

given as (
    select
        case when class.relkind = 'S' then 'sequence' else 'table' end as kind,
        namespace.oid as schema_oid,
        pg_catalog.format('%I.%I', namespace.nspname, class.relname) as name,
        case
            when attribute.attnum is null then pg_catalog.lower(added.privilege_type)
            else pg_catalog.format('%s (%I)', pg_catalog.lower(added.privilege_type), attribute.attname)
        end as privilege,
        class.relowner as owner
    from added
    inner join pg_catalog.pg_class as class
        on class.oid = added.objoid
        and added.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass
    inner join pg_catalog.pg_namespace as namespace
        on namespace.oid = class.relnamespace
    left join pg_catalog.pg_attribute as attribute
        on attribute.attrelid = added.objoid
        and attribute.attnum = added.objsubid
        and added.objsubid <> 0
    union all
    select
        'function',
        function.pronamespace,
        pg_catalog.format(
            '%s(%s)',
            pg_catalog.format('%I.%I', namespace.nspname, function.proname),
            pg_catalog.pg_get_function_identity_arguments(function.oid)
        ),
        'execute',
        function.proowner
    from added
    inner join pg_catalog.pg_proc as function
        on function.oid = added.objoid
        and added.classoid = 'pg_catalog.pg_proc'::pg_catalog.regclass
    inner join pg_catalog.pg_namespace as namespace
        on namespace.oid = function.pronamespace
    union all
    select
        'large object',
        null,
        object.oid::text,
        pg_catalog.lower(granted.privilege_type),
        object.lomowner
    from pg_catalog.pg_largeobject_metadata as object
    cross join lateral pg_catalog.aclexplode(object.lomacl) as granted
    where granted.grantee = 0
    union all
    select
        'database',
        null,
        pg_catalog.quote_ident(database.datname),
        'create',
        database.datdba
    from pg_catalog.pg_database as database
    cross join lateral pg_catalog.aclexplode(database.datacl) as granted
    where database.datname = pg_catalog.current_database()
    and granted.grantee = 0
    and granted.privilege_type = 'CREATE'
    union all
    select
        'foreign server',
        null,
        pg_catalog.quote_ident(server.srvname),
        'usage',
        server.srvowner
    from pg_catalog.pg_foreign_server as server
    cross join lateral pg_catalog.aclexplode(server.srvacl) as granted
    where granted.grantee = 0
    and exists (
        select
        from pg_catalog.pg_user_mappings as mapping
        where mapping.srvid = server.oid
        and mapping.umuser = 0
    )
    union all
    select
        'tablespace',
        null,
        pg_catalog.quote_ident(place.spcname),
        'create',
        place.spcowner
    from pg_catalog.pg_tablespace as place
    cross join lateral pg_catalog.aclexplode(place.spcacl) as granted
    where granted.grantee = 0
    union all
    select
        case standard.defaclobjtype
            when 'r' then 'future tables'
            when 'S' then 'future sequences'
            else 'future schemas'
        end,
        nullif(standard.defaclnamespace, 0::oid),
        pg_catalog.format(
            'for role %I%s',
            owner.rolname,
            coalesce(' in schema ' || pg_catalog.quote_ident(namespace.nspname), '')
        ),
        pg_catalog.lower(granted.privilege_type),
        standard.defaclrole
    from pg_catalog.pg_default_acl as standard
    inner join pg_catalog.pg_roles as owner
        on owner.oid = standard.defaclrole
    left join pg_catalog.pg_namespace as namespace
        on namespace.oid = standard.defaclnamespace
    cross join lateral pg_catalog.aclexplode(standard.defaclacl) as granted
    where granted.grantee = 0
    and (standard.defaclobjtype in ('r', 'S') or (standard.defaclobjtype = 'n' and granted.privilege_type = 'CREATE'))
)

select
    given.kind,
    coalesce(pg_catalog.quote_ident(namespace.nspname), '') as schema,
    given.name,
    owner.rolname::text as owner,
    namespace.oid is null or exists (
        select
        from pg_catalog.aclexplode(
            coalesce(namespace.nspacl, pg_catalog.acldefault('n', namespace.nspowner))
        ) as granted
        where granted.grantee = 0
        and granted.privilege_type = 'USAGE'
    ) as reachable,
    pg_catalog.array_agg(distinct given.privilege order by given.privilege) as privileges
from given
left join pg_catalog.pg_namespace as namespace
    on namespace.oid = given.schema_oid
left join pg_catalog.pg_roles as owner
    on owner.oid = given.owner
group by
    given.kind,
    namespace.oid,
    namespace.nspname,
    namespace.nspacl,
    namespace.nspowner,
    given.name,
    owner.rolname
order by
    given.kind,
    schema,
    given.name
