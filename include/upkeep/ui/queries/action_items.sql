-- Work that people decided: of some decisions, or all that is still to be done, soonest first.
select
    item.decision,
    item.number,
    item.title,
    item.remedy,
    item.object,
    item.owner,
    item.due_on,
    item.done_at,
    decision.duty,
    decision.target
from upkeep.action_item as item
inner join upkeep.decision
    on decision.key = item.decision
where case
    when %(keys)s::text[] is null then item.done_at is null
    else item.decision = any(%(keys)s)
end
order by
    item.due_on,
    item.decision,
    item.number
limit 500
