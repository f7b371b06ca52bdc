-- Duties that are not listed any more stay, inactive.
update upkeep.duty
set active = false
where active
and name <> all (%s)
