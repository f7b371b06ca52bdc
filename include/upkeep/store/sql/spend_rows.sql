select count(*)
from upkeep.spend_now as spend
where spend.account = %s
and spend.day between %s and %s
