-- Live, dead and free bytes of one table or TOAST table, measured by pgstattuple.
-- Caveat: reads only pages that are not known to be all visible; the free bytes of the others come from the free space map.
select
    table_len::float8 as bytes,
    approx_tuple_count::float8 as row_count,
    approx_free_space::float8 as free,
    dead_tuple_len::float8 as dead
from pgstattuple_approx(%(oid)s::pg_catalog.oid::pg_catalog.regclass)
