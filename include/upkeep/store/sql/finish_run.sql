-- The report of a window is stored; the first time says how long its run took.
update upkeep.run
set
    finished_at = coalesce(finished_at, %(at)s),
    reported_at = %(at)s
where cadence = %(cadence)s
and window_start = %(start)s
and window_end = %(end)s
