-- Pages of one B-tree and how full its leaves are, measured by pgstatindex.
-- Caveat: it reads the whole index. Deleted and empty pages are part of the size and not of the density.
select
    index_size::float8 as bytes,
    leaf_pages::float8 as leaf_pages,
    internal_pages::float8 as inner_pages,
    case when avg_leaf_density = 'NaN' then 0 else avg_leaf_density end::float8 as density
from pgstatindex(%(oid)s::pg_catalog.oid::pg_catalog.regclass)
