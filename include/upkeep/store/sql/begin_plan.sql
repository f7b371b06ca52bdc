-- Note that what was approved begins, once it was seen to hold.
update upkeep.decision set begun_at = coalesce(begun_at, %(now)s)
where key = %(key)s
and status = 'answered'
