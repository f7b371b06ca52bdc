-- Every answer about one target since a moment, oldest first within each duty.
select
    duty,
    window_start,
    window_end,
    status::text as status
from upkeep.answer
where target = %(name)s
and window_end > %(since)s
order by
    duty,
    window_end,
    window_start
