-- Targets that are not listed any more stay, inactive.
update upkeep.target
set active = false
where active
and name <> all (%s)
