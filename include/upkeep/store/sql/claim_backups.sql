-- Become the only session that changes a target's backups; false when another one is.
select pg_catalog.pg_try_advisory_lock(pg_catalog.hashtextextended('upkeep backups ' || %(target)s, 0))
