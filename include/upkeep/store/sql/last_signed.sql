-- The newest signed review of a pair from before a window, with the people who signed it.
select
    decision.question -> 'evidence' as evidence,
    array_agg(answer.person order by answer.place) as people,
    decision.closed_at as signed_at
from upkeep.decision
inner join upkeep.decision_answer as answer
    on answer.decision = decision.key
    and answer.round = decision.round
where decision.duty = %(duty)s
and decision.target = %(target)s
and decision.kind = 'review'
and decision.status = 'answered'
and decision.outcome <> 'Object'
and decision.window_end <= %(start)s
group by decision.key
order by
    decision.window_end desc,
    decision.key
limit 1
