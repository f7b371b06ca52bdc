-- Version of the server as one number, such as 170010 for 17.10.
-- Caveat: builds of vendors may carry fixes that their number does not tell.
select pg_catalog.current_setting('server_version_num')::int4 as number
from (select 1) as one
