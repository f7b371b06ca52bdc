-- Anomalies of a service that began in a week and that nobody judged, each as its newest window tells it, the rarest first.
select
    newest.rule,
    newest.series,
    newest.since at time zone 'UTC' as since,
    newest.value,
    newest.low,
    newest.high,
    newest.unit,
    newest.deployments
from (
    select distinct on (anomaly.rule, anomaly.series, anomaly.since) anomaly.*
    from upkeep.anomaly as anomaly
    where anomaly.target = %(service)s
    and anomaly.since >= %(start)s
    and anomaly.since < %(end)s
    and anomaly.window_end <= %(end)s
    order by
        anomaly.rule,
        anomaly.series,
        anomaly.since,
        anomaly.window_end desc
) as newest
where not exists (
    select
    from upkeep.anomaly_verdict as verdict
    where verdict.service = newest.target
    and verdict.answered_at < %(end)s
    and verdict.anomaly
    = concat_ws('@', newest.rule, to_char(newest.since at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI"Z"'), newest.series)
)
order by
    newest.chance,
    newest.rule,
    newest.series,
    newest.since
limit %(most)s
