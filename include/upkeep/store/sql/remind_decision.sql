-- Note that people were reminded of an open decision.
update upkeep.decision set reminded_at = %(now)s
where key = %(key)s
and status = 'open'
and reminded_at is null
