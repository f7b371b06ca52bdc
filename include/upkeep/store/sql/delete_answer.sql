-- Remove the answer rows of one duty, target and window, before they are written again.
delete from upkeep.answer
where duty = %s
and target = %s
and window_start = %s
and window_end = %s
