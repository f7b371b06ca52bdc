-- Claim all of these names, or none: then the claims that are in the way, and for how long nothing was heard of their holders.
select
    name,
    holder,
    claimed_at,
    extract(epoch from pg_catalog.clock_timestamp() - beaten_at)::float8 as silent_s
from upkeep.take_claims(
    %(names)s::text[], %(token)s, %(holder)s, %(pid)s, pg_catalog.make_interval(secs => %(stale_s)s)
)
