-- What belongs to the database itself and to no object in it; a dump without --create leaves it out. A restore's mark is no comment.
select
    d.datname as name,
    pg_catalog.pg_encoding_to_char(d.encoding) as encoding,
    coalesce(pg_catalog.to_jsonb(d) ->> 'datlocprovider', 'c') as locale_provider,
    d.datcollate as collate,
    d.datctype as ctype,
    coalesce(pg_catalog.to_jsonb(d) ->> 'datlocale', pg_catalog.to_jsonb(d) ->> 'daticulocale') as locale,
    pg_catalog.to_jsonb(d) ->> 'daticurules' as icu_rules,
    pg_catalog.to_jsonb(d) ->> 'datcollversion' as collation_version,
    (select t.spcname from pg_catalog.pg_tablespace as t where t.oid = d.dattablespace) as tablespace,
    pg_catalog.pg_get_userbyid(d.datdba) as owner,
    d.datconnlimit as connection_limit,
    d.datistemplate as is_template,
    d.datallowconn as allow_connections,
    case
        when not pg_catalog.starts_with(pg_catalog.shobj_description(d.oid, 'pg_database'), 'upkeep: restore of ')
            then pg_catalog.shobj_description(d.oid, 'pg_database')
    end as comment,
    (
        select coalesce(
            pg_catalog.jsonb_object_agg(
                case when s.setrole = 0 then '' else pg_catalog.pg_get_userbyid(s.setrole)::text end, s.setconfig
            ),
            '{}'
        )
        from pg_catalog.pg_db_role_setting as s
        where s.setdatabase = d.oid
    ) as settings,
    (
        select pg_catalog.jsonb_object_agg(pg_catalog.quote_ident(e.extname), e.extversion)
        from pg_catalog.pg_extension as e
    ) as extensions,
    (
        select pg_catalog.jsonb_object_agg(pg_catalog.quote_ident(a.name), a.default_version)
        from pg_catalog.pg_available_extensions as a
        where a.installed_version is not null
    ) as extension_defaults,
    -- Without what has a name above, and what the server counts for itself.
    pg_catalog.to_jsonb(d) - array[
        'oid', 'datname', 'datdba', 'datacl', 'encoding', 'datcollate', 'datctype', 'datlocprovider', 'datlocale', 'daticulocale',
        'daticurules', 'datconnlimit', 'datcollversion', 'datfrozenxid', 'datminmxid', 'datlastsysid', 'dattablespace', 'dathasloginevt',
        'datistemplate', 'datallowconn'
    ] as flags
from pg_catalog.pg_database as d
where d.datname = pg_catalog.current_database()
