-- Anomalies that were open in a window, each as it was last said in it; the most money first.
with newest as (
    select distinct on (
        anomaly.target,
        anomaly.sub_account,
        anomaly.level,
        anomaly.part,
        anomaly.currency,
        anomaly.since
    ) anomaly.*
    from upkeep.spend_anomaly as anomaly
    where anomaly.window_end > %(start)s
    and anomaly.window_end <= %(end)s
    order by
        anomaly.target,
        anomaly.sub_account,
        anomaly.level,
        anomaly.part,
        anomaly.currency,
        anomaly.since,
        anomaly.window_end desc
)
select
    newest.target as account,
    newest.sub_account,
    newest.level,
    newest.part,
    newest.currency,
    newest.kind,
    newest.since,
    newest.days,
    newest.expected,
    newest.came,
    newest.excess,
    newest.window_end = %(end)s as open
from newest
order by
    abs(newest.excess) desc,
    newest.target,
    newest.sub_account,
    newest.level,
    newest.part,
    newest.currency,
    newest.since
