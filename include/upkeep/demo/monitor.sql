-- What Upkeep's own login may do in the shop's database: look, no more. `make doctor` names whatever is missing, with its grant.
grant pg_monitor to upkeep_monitor;
grant execute on function pg_catalog.pg_show_all_file_settings() to upkeep_monitor;
grant execute on function pg_catalog.pg_hba_file_rules() to upkeep_monitor;
grant execute on function pg_catalog.pg_ident_file_mappings() to upkeep_monitor;
-- Backups have a login of their own, which may read every row and write none.
grant pg_read_all_data to upkeep_backup;
-- Maintenance has a login of its own: it may vacuum and analyze every table, and take old visits out of theirs.
grant pg_maintain to upkeep_maintenance;
grant select, delete on visits to upkeep_maintenance;
grant usage, create on schema public to upkeep_maintenance;
-- The server's log, read through the server.
grant execute on function pg_catalog.pg_read_binary_file(text, bigint, bigint) to upkeep_monitor;
-- Without it nobody but their owner sees how far sequences are.
grant select on all sequences in schema public to upkeep_monitor;
