-- Older states are of no use once three newer ones exist (a rerun needs the one before its window).
delete from upkeep.duty_state as old
where old.duty = %(duty)s
and old.target = %(target)s
and old.window_end < %(end)s
and (
    select count(*)
    from upkeep.duty_state as newer
    where newer.duty = old.duty
    and newer.target = old.target
    and newer.window_end > old.window_end
) > 3
