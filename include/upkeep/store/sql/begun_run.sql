-- The thread that a window's run speaks in, and whether its report is stored.
select
    thread,
    finished_at is not null and coalesce(again_at <= reported_at, true)
from upkeep.run
where cadence = %s
and window_start = %s
and window_end = %s
