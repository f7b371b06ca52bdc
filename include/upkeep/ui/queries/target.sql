-- One target as the inventory said.
select
    name,
    kind,
    owner,
    red_at::text as red_at,
    tags,
    runbook,
    active
from upkeep.target
where name = %(name)s
