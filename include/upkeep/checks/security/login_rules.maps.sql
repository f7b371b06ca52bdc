-- User name maps of pg_ident.conf (server 15 and later): which names of the system may log in as which roles.
-- Caveat: lines with errors are left out; config_files names those.
select
    mapping.map_name,
    mapping.sys_name,
    mapping.pg_username as role
from pg_catalog.pg_ident_file_mappings() as mapping
where mapping.error is null
order by
    mapping.line_number,
    mapping.map_name,
    mapping.sys_name,
    mapping.pg_username
