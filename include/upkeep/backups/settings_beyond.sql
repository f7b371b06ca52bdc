-- Settings that this login may not store (grants on parameters came with version 15).
select pg_catalog.lower(s.name)
from pg_catalog.pg_settings as s
where s.context in ('superuser', 'superuser-backend') and not pg_catalog.has_parameter_privilege(s.name, 'set')
