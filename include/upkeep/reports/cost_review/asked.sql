-- Decisions about costs that were open in a window, or decided in it; soonest due first.
select
    decision.target as account,
    decision.subject,
    decision.status,
    decision.outcome,
    decision.due_at,
    count(item.number) as items
from upkeep.decision as decision
inner join upkeep.duty as duty
    on duty.name = decision.duty
left join upkeep.action_item as item
    on item.decision = decision.key
where duty.area = 'costs'
and decision.opened_at <= %(known_by)s
and (decision.closed_at is null or decision.closed_at > %(start)s)
group by
    decision.key
order by
    decision.due_at,
    decision.key
