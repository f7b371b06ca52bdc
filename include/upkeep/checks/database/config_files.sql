-- Lines of the server's configuration files that are wrong: settings, the rules of who may log in, and the maps of user names.
-- Caveat: a setting that only waits for a restart is reported by the server as an error too, and is left out.
select
    coalesce(line.sourcefile, '') as file,
    line.sourceline as line,
    coalesce(line.name, '') as setting,
    line.error
from pg_catalog.pg_show_all_file_settings() as line
where line.error is not null
and not exists (
    select
    from pg_catalog.pg_settings as setting
    where setting.name = line.name
    and setting.pending_restart
)
union all
select
    coalesce(pg_catalog.to_jsonb(rule) ->> 'file_name', pg_catalog.current_setting('hba_file')),
    rule.line_number,
    '',
    rule.error
from pg_catalog.pg_hba_file_rules() as rule
where rule.error is not null
union all
select
    coalesce(pg_catalog.to_jsonb(mapping) ->> 'file_name', pg_catalog.current_setting('ident_file')),
    mapping.line_number,
    '',
    mapping.error
from pg_catalog.pg_ident_file_mappings() as mapping
where mapping.error is not null
order by
    file,
    line,
    error
