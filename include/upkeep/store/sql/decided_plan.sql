-- The plan that people decided on, or missed, under this key.
select question -> 'evidence' ->> 'plan' as plan
from upkeep.decision
where key = %(key)s
and status <> 'open'
