-- Which standbys commits wait for, and whether any does: not on a standby, whatever names were copied to it, nor at the levels local and off.
-- Caveat: where this session's own login sets a level for itself, the server's cannot be seen and is taken to wait.
select
    pg_catalog.current_setting('synchronous_standby_names') as names,
    not pg_catalog.pg_is_in_recovery()
    and (
        exists (
            select
            from pg_catalog.pg_settings as setting
            where setting.name = 'synchronous_commit'
            and (
                setting.setting not in ('off', 'local')
                or setting.source in ('database', 'user', 'database user', 'client')
            )
        )
        or exists (
            select
            from pg_catalog.pg_db_role_setting as own
            cross join lateral pg_catalog.unnest(own.setconfig) as config
            where config like 'synchronous_commit=%'
            and config !~* '=(off|local|false|no|0)$'
        )
    ) as commits_wait
