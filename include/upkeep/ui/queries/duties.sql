-- Duties the programme has, by area.
select
    name,
    area,
    kind,
    cadence,
    owner,
    title,
    dated,
    target_kind
from upkeep.duty
where active
order by
    area,
    array_position(%(cadences)s::text[], cadence),
    name
