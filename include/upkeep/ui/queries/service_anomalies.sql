-- Anomalies of a service over some days, each once as it was last known, newest first.
select
    found.rule,
    found.series,
    found.since,
    found.until,
    found.open,
    found.at,
    found.value,
    found.low,
    found.high,
    found.unit,
    found.together,
    found.deployments
from (
    select distinct on (anomaly.rule, anomaly.series, anomaly.since) anomaly.*
    from upkeep.anomaly as anomaly
    where anomaly.target = %(service)s
    and anomaly.since > %(now)s - %(days)s * interval '1 day'
    order by
        anomaly.rule,
        anomaly.series,
        anomaly.since,
        anomaly.window_end desc
) as found
order by
    found.since desc,
    found.series
limit %(limit)s
