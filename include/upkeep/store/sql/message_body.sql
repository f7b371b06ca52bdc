-- What a message says at present.
select body
from upkeep.message
where key = %s
