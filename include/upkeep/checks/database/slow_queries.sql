-- How this server logs: where to, how lines begin, and from which duration on. Defaults of the server, not of a role or database
-- (those that differ are named); auto_explain is seen only where the server loads it for everyone.
-- clock: a window that is still under way can hold nothing later than now.
select
    pg_catalog.clock_timestamp() as now,
    pg_catalog.current_database() as database,
    (select system_identifier from pg_catalog.pg_control_system()) as system_identifier,
    pg_catalog.current_setting('logging_collector')::boolean as collecting,
    pg_catalog.current_setting('log_destination') as destination,
    pg_catalog.current_setting('log_line_prefix') as line_prefix,
    pg_catalog.current_setting('log_timezone') as timezone,
    (
        select case when source in ('database', 'user', 'database user', 'client', 'session') then '' else setting end
        from pg_catalog.pg_settings
        where name = 'lc_messages'
    ) as language,
    (select reset_val <> 'off' from pg_catalog.pg_settings where name = 'standard_conforming_strings') as conforming,
    (select reset_val::integer from pg_catalog.pg_settings where name = 'log_min_duration_statement') as from_ms,
    (select reset_val::integer from pg_catalog.pg_settings where name = 'log_min_duration_sample') as sample_from_ms,
    (select reset_val::float8 from pg_catalog.pg_settings where name = 'log_statement_sample_rate') as sample_rate,
    (
        select (pg_catalog.regexp_match(reset_val, '^-?\d+'))[1]::bigint
        from pg_catalog.pg_settings
        where name = 'auto_explain.log_min_duration'
    ) as plan_from_ms
