-- One duty as the code said at the newest run.
select
    name,
    area,
    kind,
    cadence,
    owner,
    title,
    dated,
    target_kind,
    active
from upkeep.duty
where name = %(name)s
