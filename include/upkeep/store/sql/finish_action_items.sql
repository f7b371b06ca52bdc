-- Work on things that the duty no longer sees is done.
update upkeep.action_item set done_at = %(now)s
from upkeep.decision
where decision.key = action_item.decision
and decision.duty = %(duty)s
and decision.target = %(target)s
and decision.window_end < %(before)s
and action_item.done_at is null
and action_item.object <> all(%(objects)s)
