-- Waivers of the file, as they were last synced.
select
    duty,
    target,
    rule,
    object,
    reason,
    issue,
    approver,
    starts_on,
    expires_on
from upkeep.waiver
where active
order by id
