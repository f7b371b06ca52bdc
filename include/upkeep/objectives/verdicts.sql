-- How often each rule of anomalies was right, by what people had said until a moment.
select
    verdict.rule,
    count(*) filter (where verdict.verdict = 'real') as confirmed,
    count(*) as judged
from upkeep.anomaly_verdict as verdict
where verdict.answered_at < %(by)s
group by verdict.rule
order by verdict.rule
