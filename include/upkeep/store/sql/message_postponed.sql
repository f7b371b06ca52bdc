-- A try did not work; another may.
update upkeep.message
set
    claimed_until = null,
    delivery_uncertain = %(delivery_uncertain)s,
    next_attempt_at = pg_catalog.clock_timestamp() + pg_catalog.make_interval(secs => %(after_s)s),
    error = %(error)s
where key = %(key)s
and claimed_until = %(claimed_until)s
