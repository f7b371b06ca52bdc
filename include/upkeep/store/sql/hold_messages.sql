-- Slack asked us to wait: that holds for everything, not only for the message that was told so.
update upkeep.message
set next_attempt_at = pg_catalog.clock_timestamp() + pg_catalog.make_interval(secs => %(after_s)s)
where state = 'pending'
and claimed_until is null
and next_attempt_at < pg_catalog.clock_timestamp() + pg_catalog.make_interval(secs => %(after_s)s)
