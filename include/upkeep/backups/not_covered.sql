-- What stands in this database or belongs to it, and is neither in a dump nor compared.
with members as (
    select classid, objid from pg_catalog.pg_depend where deptype = 'e'
),
here as (
    select d.oid from pg_catalog.pg_database as d where d.datname = pg_catalog.current_database()
)
select x.what
from (
    select 'object in a schema of the system: ' || i.type || ' ' || i.identity as what
    from (
        select 'pg_catalog.pg_class'::regclass as classid, oid, relnamespace as namespace from pg_catalog.pg_class
        where relkind not in ('t', 'i', 'I', 'c') and relpersistence <> 't'
        union all
        select 'pg_catalog.pg_proc'::regclass, oid, pronamespace from pg_catalog.pg_proc
        union all
        select 'pg_catalog.pg_type'::regclass, oid, typnamespace from pg_catalog.pg_type where typrelid = 0 and typelem = 0
        union all
        select 'pg_catalog.pg_operator'::regclass, oid, oprnamespace from pg_catalog.pg_operator
    ) as o
    join pg_catalog.pg_namespace as n on n.oid = o.namespace
    cross join lateral pg_catalog.pg_identify_object(o.classid, o.oid, 0) as i
    where o.oid >= 16384
        and (n.nspname ~ '^pg_' or n.nspname = 'information_schema') and n.nspname !~ '^pg_(toast_)?temp'
        and not exists (select from members as m where m.classid = o.classid and m.objid = o.oid)
    union all
    select 'rights on ' || c.oid::regclass::text || ' were changed; a dump leaves schema ' || n.nspname || ' out'
    from pg_catalog.pg_class as c
    join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
    where c.oid < 16384 and n.nspname = 'information_schema'
        and exists (
            select from pg_catalog.aclexplode(c.relacl) as a
            where a.grantee <> c.relowner and (a.grantee <> 0 or a.privilege_type <> 'SELECT')
        )
    union all
    select 'rights on language ' || pg_catalog.quote_ident(l.lanname) || ' were changed; a dump leaves the system''s own languages out'
    from pg_catalog.pg_language as l
    left join pg_catalog.pg_init_privs as p on p.classoid = 'pg_catalog.pg_language'::regclass and p.objoid = l.oid
    where not l.lanispl and l.lanacl is not null and l.lanacl is distinct from p.initprivs
    union all
    select 'comment on extension ' || pg_catalog.quote_ident(e.extname) || ' was changed; a dump leaves it to the server'
    from pg_catalog.pg_extension as e
    join pg_catalog.pg_available_extensions as a on a.name = e.extname
    where e.oid < 16384 and pg_catalog.obj_description(e.oid, 'pg_extension') is distinct from a.comment
    union all
    select 'invalid index ' || c.oid::regclass::text || ': a dump leaves it out'
    from pg_catalog.pg_index as x
    join pg_catalog.pg_class as c on c.oid = x.indexrelid
    join pg_catalog.pg_class as t on t.oid = x.indrelid
    join pg_catalog.pg_namespace as n on n.oid = t.relnamespace
    where not x.indisvalid and t.relkind <> 'p' and n.nspname !~ '^pg_'
    union all
    select 'constraint ' || pg_catalog.quote_ident(o.conname) || ' on ' || t.tgrelid::regclass::text
        || ' is switched off (alter table ... disable trigger all); in a copy it works'
    from pg_catalog.pg_trigger as t
    join pg_catalog.pg_constraint as o on o.oid = t.tgconstraint
    where t.tgisinternal and t.tgenabled <> 'O' and o.contype = 'f'
    group by o.conname, t.tgrelid
    union all
    select 'owner of ' || i.type || ' ' || i.identity || ', which belongs to extension ' || pg_catalog.quote_ident(e.extname)
        || ', is ' || pg_catalog.pg_get_userbyid(o.owner) || '; a dump has not that'
    from (
        select 'pg_catalog.pg_class'::regclass as classid, oid, relowner as owner from pg_catalog.pg_class
        union all
        select 'pg_catalog.pg_proc'::regclass, oid, proowner from pg_catalog.pg_proc
        union all
        select 'pg_catalog.pg_type'::regclass, oid, typowner from pg_catalog.pg_type
    ) as o
    join pg_catalog.pg_depend as d on d.classid = o.classid and d.objid = o.oid and d.deptype = 'e'
    join pg_catalog.pg_extension as e on e.oid = d.refobjid
    cross join lateral pg_catalog.pg_identify_object(o.classid, o.oid, 0) as i
    -- A trusted extension belongs to who made it, its parts to the first superuser.
    where o.owner not in (e.extowner, 10)
    union all
    select 'subscription ' || pg_catalog.quote_ident(s.subname) || ': a copy does not subscribe, and how far it was is not kept'
    from pg_catalog.pg_subscription as s join here on here.oid = s.subdbid
    union all
    select 'replication slot ' || pg_catalog.quote_ident(s.slot_name) || ' (' || s.plugin || ')'
    from pg_catalog.pg_replication_slots as s join here on here.oid = s.datoid
    where not s.temporary
    union all
    select 'prepared transaction ' || pg_catalog.quote_literal(p.gid) || ' of ' || pg_catalog.quote_ident(p.owner)
    from pg_catalog.pg_prepared_xacts as p where p.database = pg_catalog.current_database()
    union all
    select 'folder of tablespace ' || pg_catalog.quote_ident(s.spcname) || ': ' || pg_catalog.pg_tablespace_location(s.oid)
    from pg_catalog.pg_tablespace as s
    where s.spcname !~ '^pg_'
        and (
            exists (select from pg_catalog.pg_class as c where c.reltablespace = s.oid)
            or exists (select from pg_catalog.pg_database as d join here using (oid) where d.dattablespace = s.oid)
        )
    union all
    select 'the database''s own tablespace ' || pg_catalog.quote_ident(s.spcname) || ': a copy is made in its server''s default one'
    from pg_catalog.pg_database as d
    join here using (oid)
    join pg_catalog.pg_tablespace as s on s.oid = d.dattablespace
    where s.spcname <> 'pg_default'
    union all
    select 'security label of the database by ' || l.provider
    from pg_catalog.pg_shseclabel as l join here on here.oid = l.objoid
    where l.classoid = 'pg_catalog.pg_database'::regclass
    union all
    select 'planner statistics of ' || pg_catalog.count(*) || ' columns: analyze makes them anew'
    from pg_catalog.pg_statistic as s
    having pg_catalog.count(*) > 0
    union all
    select 'catalog ' || c.relname || ': Upkeep does not know it; a dump by its own version''s pg_dump may have it'
    from pg_catalog.pg_class as c
    where c.relnamespace = 'pg_catalog'::regnamespace and c.relkind = 'r' and c.oid < 16384
        and c.relname <> all(array[
            'pg_aggregate', 'pg_am', 'pg_amop', 'pg_amproc', 'pg_attrdef', 'pg_attribute', 'pg_auth_members', 'pg_authid', 'pg_cast',
            'pg_class', 'pg_collation', 'pg_constraint', 'pg_conversion', 'pg_database', 'pg_db_role_setting', 'pg_default_acl',
            'pg_depend', 'pg_description', 'pg_enum', 'pg_event_trigger', 'pg_extension', 'pg_foreign_data_wrapper',
            'pg_foreign_server', 'pg_foreign_table', 'pg_index', 'pg_inherits', 'pg_init_privs', 'pg_language', 'pg_largeobject',
            'pg_largeobject_metadata', 'pg_namespace', 'pg_opclass', 'pg_operator', 'pg_opfamily', 'pg_parameter_acl',
            'pg_partitioned_table', 'pg_policy', 'pg_proc', 'pg_publication', 'pg_publication_namespace', 'pg_publication_rel',
            'pg_range', 'pg_replication_origin', 'pg_rewrite', 'pg_seclabel', 'pg_sequence', 'pg_shdepend', 'pg_shdescription',
            'pg_shseclabel', 'pg_statistic', 'pg_statistic_ext', 'pg_statistic_ext_data', 'pg_subscription', 'pg_subscription_rel',
            'pg_tablespace', 'pg_transform', 'pg_trigger', 'pg_ts_config', 'pg_ts_config_map', 'pg_ts_dict', 'pg_ts_parser',
            'pg_ts_template', 'pg_type', 'pg_user_mapping'
        ]::name[])
) as x
order by x.what collate "C"
