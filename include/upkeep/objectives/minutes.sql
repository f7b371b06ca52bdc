-- Minutes of a service by hours, as stored by windows that had ended by a moment; later windows last.
select
    hours.hour,
    hours.requests,
    hours.errors,
    hours.slow
from upkeep.service_hour as hours
where hours.target = %(service)s
and hours.hour > %(start)s
and hours.hour < %(end)s
and hours.window_end <= %(end)s
order by
    hours.window_end,
    hours.window_start,
    hours.hour
