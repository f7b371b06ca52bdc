-- Let others have these.
delete from upkeep.claim
where token = %(token)s
and name = any(%(names)s::text[])
