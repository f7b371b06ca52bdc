-- Anomalies that are open, the most money first.
select
    anomaly.*,
    (anomaly.window_end - interval '1 microsecond')::date as last_day
from upkeep.spend_anomaly as anomaly
inner join upkeep.current_answer as answer
    using (duty, target, window_start, window_end)
where anomaly.target = %(account)s
and anomaly.currency = %(currency)s
order by
    abs(anomaly.excess) desc,
    anomaly.sub_account,
    anomaly.level,
    anomaly.part
