-- What of the server decides whether rows may leave it: standby, read-only, its clock and encoding, and which server it is.
select
    pg_catalog.pg_is_in_recovery() as standby,
    pg_catalog.current_setting('default_transaction_read_only') = 'on' as read_only,
    pg_catalog.clock_timestamp() as at,
    pg_catalog.current_setting('server_encoding') as encoding,
    pg_catalog.current_setting('server_version_num')::int4 / 10000 as version,
    system.system_identifier::text as system,
    checkpoint.timeline_id as timeline
from pg_catalog.pg_control_system() as system
cross join pg_catalog.pg_control_checkpoint() as checkpoint
