-- Names that are alike, for somebody who asked for one that is not there.
select name
from upkeep.target
where position(lower(%(name)s) in lower(name)) > 0
or position(lower(name) in lower(%(name)s)) > 0
or lower(left(name, 4)) = lower(left(%(name)s, 4))
order by
    abs(length(name) - length(%(name)s)),
    name
limit 8
