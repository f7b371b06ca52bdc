-- All that the server says of one role, as lines of which two roles that stand for the same application have the same.
-- Its own name is replaced, and rights are told for the database that is asked; elsewhere only which objects name it.
-- Caveat: what a function of the application does with a role's name is not seen.
with asked as (
    select role.*
    from pg_catalog.pg_roles as role
    where role.rolname = %(role)s
),

acl (about, object, privileges) as (
    select 'database', datname::text, datacl from pg_catalog.pg_database
    union all
    select 'schema', nspname::text, nspacl from pg_catalog.pg_namespace
    union all
    select 'relation', oid::pg_catalog.regclass::text, relacl from pg_catalog.pg_class
    union all
    select 'column', attrelid::pg_catalog.regclass::text || '.' || attname, attacl from pg_catalog.pg_attribute where attacl is not null
    union all
    select 'function', oid::pg_catalog.regprocedure::text, proacl from pg_catalog.pg_proc
    union all
    select 'type', oid::pg_catalog.regtype::text, typacl from pg_catalog.pg_type
    union all
    select 'language', lanname::text, lanacl from pg_catalog.pg_language
    union all
    select 'large object', oid::text, lomacl from pg_catalog.pg_largeobject_metadata
    union all
    select 'foreign data wrapper', fdwname::text, fdwacl from pg_catalog.pg_foreign_data_wrapper
    union all
    select 'foreign server', srvname::text, srvacl from pg_catalog.pg_foreign_server
    union all
    select 'tablespace', spcname::text, spcacl from pg_catalog.pg_tablespace
    union all
    select 'parameter', parname, paracl from pg_catalog.pg_parameter_acl
    union all
    select
        'default privileges',
        pg_catalog.concat_ws(' ', defaclrole::pg_catalog.regrole, defaclobjtype, nullif(defaclnamespace, 0)::pg_catalog.regnamespace),
        defaclacl
    from pg_catalog.pg_default_acl
)

select
    'attribute' as about,
    pg_catalog.concat_ws(' ', field.key, coalesce(field.value, 'none')) as what
from asked
cross join lateral pg_catalog.jsonb_each_text(
    pg_catalog.to_jsonb(asked) - array['oid', 'rolname', 'rolpassword', 'rolcanlogin', 'rolconfig']
) as field
union all
select
    'setting',
    pg_catalog.concat_ws(' ', 'in', coalesce(base.datname, 'every database'), setting)
from asked
inner join pg_catalog.pg_db_role_setting as own
    on own.setrole = asked.oid
left join pg_catalog.pg_database as base
    on base.oid = own.setdatabase
cross join lateral pg_catalog.unnest(own.setconfig) as setting
union all
-- One role may be granted by several, each with other options: what any of them gives holds.
select
    'member of',
    granted.roleid::pg_catalog.regrole::text || ' ' || pg_catalog.jsonb_object_agg(granted.key, granted.held)::text
from (
    select
        pair.roleid,
        option.key,
        pg_catalog.bool_or(option.value::boolean) as held
    from asked
    inner join pg_catalog.pg_auth_members as pair
        on pair.member = asked.oid
    cross join lateral pg_catalog.jsonb_each_text(
        pg_catalog.to_jsonb(pair) - array['oid', 'roleid', 'member', 'grantor']
    ) as option
    group by pair.roleid, option.key
) as granted
group by granted.roleid
union all
select
    'has as member',
    pair.member::pg_catalog.regrole::text
from asked
inner join pg_catalog.pg_auth_members as pair
    on pair.roleid = asked.oid
union all
select
    'right',
    pg_catalog.concat_ws(' ', acl.about, acl.object, item.privilege_type, case when item.is_grantable then 'with grant option' end)
from asked
cross join acl
cross join lateral pg_catalog.aclexplode(acl.privileges) as item
where item.grantee = asked.oid
union all
select
    'named in another database',
    pg_catalog.concat_ws(' ', base.datname, needed.deptype, needed.classid, needed.objid, needed.objsubid)
from asked
inner join pg_catalog.pg_shdepend as needed
    on
        needed.refclassid = 'pg_catalog.pg_authid'::pg_catalog.regclass
        and needed.refobjid = asked.oid
        and needed.deptype <> 'o'
inner join pg_catalog.pg_database as base
    on
        base.oid = needed.dbid
        and base.datname <> pg_catalog.current_database()
union all
select
    'policy',
    policy.polrelid::pg_catalog.regclass::text || ' ' || policy.polname
from asked
inner join pg_catalog.pg_policy as policy
    on asked.oid = any(policy.polroles)
union all
select
    'user mapping',
    mapping.srvname::text
from asked
inner join pg_catalog.pg_user_mappings as mapping
    on mapping.umuser = asked.oid
union all
select
    'opened by a mapping',
    mapping.srvname || ', of ' || mapping.usename
from asked
cross join pg_catalog.pg_user_mappings as mapping
cross join lateral pg_catalog.pg_options_to_table(mapping.umoptions) as option
where
    option.option_name in ('user', 'username')
    and option.option_value = asked.rolname
union all
select
    case
        when rule.text ~ '(?<![''"])\mSESSION_USER\M' or pg_catalog.strpos(rule.text, pg_catalog.quote_literal(asked.rolname)) > 0
            then 'rows by its login'
        else 'rows by its role'
    end,
    policy.polname || ' of ' || policy.polrelid::pg_catalog.regclass::text
from asked
cross join pg_catalog.pg_policy as policy
inner join pg_catalog.pg_class as relation
    on relation.oid = policy.polrelid
cross join lateral (
    select
        pg_catalog.concat_ws(
            ' ', pg_catalog.pg_get_expr(policy.polqual, policy.polrelid), pg_catalog.pg_get_expr(policy.polwithcheck, policy.polrelid)
        ) as text
) as rule
where
    relation.relrowsecurity
    and not asked.rolsuper
    and not asked.rolbypassrls
    and exists (
        select
        from pg_catalog.unnest(policy.polroles) as named (id)
        where case when named.id = 0 then true else pg_catalog.pg_has_role(asked.oid, named.id, 'usage') end
    )
    and (
        rule.text ~ '(?<![''"])\m(SESSION_USER|CURRENT_USER|CURRENT_ROLE|USER)\M'
        or pg_catalog.strpos(rule.text, pg_catalog.quote_literal(asked.rolname)) > 0
    )
union all
select
    'security label',
    label.provider || ' ' || label.label
from asked
inner join pg_catalog.pg_shseclabel as label
    on
        label.classoid = 'pg_catalog.pg_authid'::pg_catalog.regclass
        and label.objoid = asked.oid
union all
select
    'owns',
    coalesce(base.datname, 'of the server') || ' ' || needed.classid::pg_catalog.regclass::text || ' (' || pg_catalog.count(*) || ')'
from asked
inner join pg_catalog.pg_shdepend as needed
    on
        needed.refclassid = 'pg_catalog.pg_authid'::pg_catalog.regclass
        and needed.refobjid = asked.oid
        and needed.deptype = 'o'
        and needed.classid <> 'pg_catalog.pg_user_mapping'::pg_catalog.regclass
left join pg_catalog.pg_database as base
    on base.oid = needed.dbid
group by base.datname, needed.classid
union all
select
    'may create in',
    space.nspname::text
from asked
cross join pg_catalog.pg_namespace as space
where
    pg_catalog.has_schema_privilege(asked.oid, space.oid, 'create')
    and space.nspname !~ '^pg_'
    and not asked.rolsuper
