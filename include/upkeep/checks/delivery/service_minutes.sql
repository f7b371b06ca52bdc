-- The minutes of a service that were seen. A minute without a row was not seen.
select
    minute,
    requests::int8 as requests,
    errors::int8 as errors,
    slow::int8 as slow
from upkeep.service_minute
where service = %(service)s
and minute >= %(start)s
and minute < %(end)s
order by minute
