-- What one session sees of its server and of itself.
-- Caveat: shared_preload_libraries is null for a role that may not read all settings (pg_monitor may).
select
    current_user::text as role,
    pg_catalog.pg_is_in_recovery() as in_recovery,
    (select setting::float8 / 1000 from pg_catalog.pg_settings where name = 'statement_timeout') as statement_timeout_s,
    (select setting::float8 / 1000 from pg_catalog.pg_settings where name = 'lock_timeout') as lock_timeout_s,
    (select setting from pg_catalog.pg_settings where name = 'shared_preload_libraries') as preloaded,
    role.rolsuper as is_superuser,
    array(
        select power
        from (
            values
                (role.rolcreaterole, 'createrole'),
                (role.rolcreatedb, 'createdb'),
                (role.rolreplication, 'replication'),
                (role.rolbypassrls, 'bypassrls')
        ) as attribute (held, power)
        where held
        union all
        select granted.rolname::text
        from pg_catalog.pg_roles as granted
        where granted.rolname = any (array[
            'pg_write_all_data', 'pg_write_server_files', 'pg_execute_server_program',
            'rds_superuser', 'cloudsqlsuperuser', 'azure_pg_admin', 'alloydbsuperuser'
        ]::name[])
        and pg_catalog.pg_has_role(current_user, granted.oid, 'usage')
        order by power
    ) as powers,
    (
        select count(*)
        from pg_catalog.pg_class as class
        where class.relkind in ('r', 'p')
        and class.relnamespace not in ('pg_catalog'::pg_catalog.regnamespace, 'information_schema'::pg_catalog.regnamespace)
        and class.relpersistence <> 't'
        and (
            pg_catalog.has_table_privilege(class.oid, 'insert')
            or pg_catalog.has_table_privilege(class.oid, 'update')
            or pg_catalog.has_table_privilege(class.oid, 'delete')
        )
    ) as writable_tables
from pg_catalog.pg_roles as role
where role.rolname = current_user
