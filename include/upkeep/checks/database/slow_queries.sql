-- How this server logs: where to, how lines begin, and from which duration on. Defaults of the server, not of a role or database
-- (those that differ are named); auto_explain is seen only where the server loads it for everyone. Names of databases as the bytes
-- that are logged: this one's, and those that hold it or that it holds, which a line may be read for instead.
-- clock: a window that is still under way can hold nothing later than now.
select
    pg_catalog.clock_timestamp() as now,
    pg_catalog.convert_to(pg_catalog.current_database()::text, 'SQL_ASCII') as database_bytes,
    array(
        select pg_catalog.convert_to(other.datname::text, 'SQL_ASCII')
        from pg_catalog.pg_database as other
        where pg_catalog.strpos(other.datname::text, pg_catalog.current_database()::text) > 0
        or pg_catalog.strpos(pg_catalog.current_database()::text, other.datname::text) > 0
        order by pg_catalog.abs(pg_catalog.length(other.datname::text) - pg_catalog.length(pg_catalog.current_database()::text))
        limit 100
    ) as like_it,
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
    (select reset_val::integer from pg_catalog.pg_settings where name = 'log_min_duration_statement') as from_ms,
    (select reset_val::integer from pg_catalog.pg_settings where name = 'log_min_duration_sample') as sample_from_ms,
    (select reset_val::float8 from pg_catalog.pg_settings where name = 'log_statement_sample_rate') as sample_rate,
    (
        select (pg_catalog.regexp_match(reset_val, '^-?\d+'))[1]::bigint
        from pg_catalog.pg_settings
        where name = 'auto_explain.log_min_duration'
    ) as plan_from_ms
