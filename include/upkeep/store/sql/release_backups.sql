-- Let others change a target's backups again.
select pg_catalog.pg_advisory_unlock(pg_catalog.hashtextextended('upkeep backups ' || %(target)s, 0))
