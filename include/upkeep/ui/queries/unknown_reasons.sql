-- Why newest answers are unknown, the commonest reason first.
select
    summary as reason,
    count(*) as answers,
    count(distinct target) as targets,
    min(target) as a_target,
    (array_agg(duty order by duty, target))[1] as a_duty,
    max(evidence ->> 'remedy') as remedy
from upkeep.current_answer
where status = 'unknown'
group by summary
order by
    count(*) desc,
    summary
limit 8
