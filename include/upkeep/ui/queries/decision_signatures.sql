-- Every signature of some decisions, of all rounds, in order.
select
    decision,
    round,
    place,
    option,
    form_values as values,
    user_name as user,
    user_id,
    person,
    answered_at,
    question,
    digest,
    previous,
    sha256
from upkeep.decision_answer
where decision = any(%(keys)s)
order by
    decision,
    round,
    place
