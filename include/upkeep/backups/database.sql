-- What belongs to the database itself and to no object in it; a dump without --create leaves it out.
select
    d.datname as name,
    pg_catalog.pg_encoding_to_char(d.encoding) as encoding,
    coalesce(pg_catalog.to_jsonb(d) ->> 'datlocprovider', 'c') as locale_provider,
    d.datcollate as collate,
    d.datctype as ctype,
    coalesce(pg_catalog.to_jsonb(d) ->> 'datlocale', pg_catalog.to_jsonb(d) ->> 'daticulocale') as locale,
    pg_catalog.to_jsonb(d) ->> 'daticurules' as icu_rules,
    pg_catalog.pg_get_userbyid(d.datdba) as owner,
    d.datconnlimit as connection_limit,
    pg_catalog.shobj_description(d.oid, 'pg_database') as comment,
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
    ) as extensions
from pg_catalog.pg_database as d
where d.datname = pg_catalog.current_database()
