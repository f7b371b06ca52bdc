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
    array_position(array['daily', 'weekly', 'monthly', 'quarterly'], cadence),
    name
