-- The report of a window is stored.
update upkeep.run
set finished_at = %s
where cadence = %s
and window_start = %s
and window_end = %s
