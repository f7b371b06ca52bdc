-- Remove the metric rows of one duty, target and window, before they are written again.
delete from upkeep.metric
where duty = %s
and target = %s
and window_start = %s
and window_end = %s
