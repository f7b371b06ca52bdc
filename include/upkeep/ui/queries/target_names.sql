-- The names of all targets, for somebody who asked for one that is not there.
select coalesce(array_agg(name order by name), '{}') as names
from upkeep.target
