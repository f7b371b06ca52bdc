-- A batch of duties, targets and days whose values are old, the oldest first.
select
    duty,
    target,
    day
from upkeep.old_metric_days(%(before)s, %(cadences)s::text[], %(days)s::date[], %(most)s)
