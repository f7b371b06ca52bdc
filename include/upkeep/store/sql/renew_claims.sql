-- Say that the holder lives. Those of the names that are still its own.
update upkeep.claim set beaten_at = pg_catalog.clock_timestamp()
where token = %(token)s
and (%(names)s::text[] is null or name = any(%(names)s::text[]))
returning name
