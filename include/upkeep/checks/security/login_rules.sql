-- Rules of who may log in from where, as pg_hba.conf has them, in the order in which the first that fits decides.
-- Caveat: this is the file, which the server follows since it was last reloaded; lines with errors are left out.
select
    rule.line_number,
    rule.type,
    rule.database as databases,
    rule.user_name as users,
    coalesce(rule.address, '') as address,
    coalesce(rule.netmask, '') as netmask,
    rule.auth_method as method,
    pg_catalog.current_setting('listen_addresses') as listens_on
from pg_catalog.pg_hba_file_rules() as rule
where rule.error is null
order by
    rule.line_number,
    rule.type
