-- The connection was mended: what had failed is due again.
update upkeep.message
set
    state = 'pending',
    attempts = 0,
    next_attempt_at = pg_catalog.clock_timestamp()
where state = 'failed'
