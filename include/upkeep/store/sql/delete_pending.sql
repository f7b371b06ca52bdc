-- The question of this duty, target and window is answered.
delete from upkeep.pending_answer
where duty = %s
and target = %s
and window_start = %s
and window_end = %s
