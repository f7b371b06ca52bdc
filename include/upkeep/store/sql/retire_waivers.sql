-- Waivers that are not listed any more stay, inactive.
update upkeep.waiver
set active = false
where active
and id <> all (%s)
