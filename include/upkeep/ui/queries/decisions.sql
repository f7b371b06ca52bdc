-- Decisions of a state, those that need a person first; who has signed in the present round.
-- Caveat: an open decision that is past due counts as missed as soon as its run or the opener has noticed.
select
    decision.key,
    decision.kind,
    decision.duty,
    decision.target,
    decision.subject,
    decision.status,
    decision.outcome,
    decision.reason,
    decision.needed,
    decision.round,
    decision.signers,
    decision.opened_at,
    decision.due_at,
    decision.asked_at,
    decision.closed_at,
    decision.dag_id,
    decision.run_id,
    decision.task_id,
    decision.result_ok,
    decision.result,
    coalesce(signed.people, '{}') as people,
    count(*) over () as total
from upkeep.decision
left join lateral (
    select array_agg(answer.person order by answer.place) as people
    from upkeep.decision_answer as answer
    where answer.decision = decision.key
    and answer.round = decision.round
) as signed
    on true
where case %(state)s
    when 'open' then decision.status = 'open'
    when 'all' then true
    else decision.status = %(state)s
end
and (%(target)s::text is null or decision.target = %(target)s)
order by
    decision.status = 'open' desc,
    case when decision.status = 'open' then decision.due_at end,
    coalesce(decision.closed_at, decision.opened_at) desc,
    decision.key
limit %(limit)s
offset %(offset)s
