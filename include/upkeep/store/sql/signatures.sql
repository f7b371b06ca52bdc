-- Signatures of a decision's present round, in order.
select
    answer.place,
    answer.option,
    answer.form_values as values,
    answer.user_name as user,
    answer.user_id,
    answer.person,
    answer.answered_at,
    answer.digest,
    answer.previous
from upkeep.decision_answer as answer
inner join upkeep.decision
    on decision.key = answer.decision
    and decision.round = answer.round
where answer.decision = %(key)s
order by answer.place
