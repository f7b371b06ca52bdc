-- What is wrong with costs at the end of a window and accepted by nobody: anomalies, budgets that are or will be spent, bills that stopped.
select
    wrong.kind,
    wrong.target,
    wrong.object,
    wrong.currency,
    wrong.amount,
    wrong.limit_amount,
    wrong.day
from (
    select
        'anomaly' as kind,
        anomaly.duty,
        anomaly.target,
        'spend_' || anomaly.kind as rule,
        coalesce(nullif(anomaly.part, ''), 'account ' || anomaly.sub_account) as object,
        anomaly.sub_account || case anomaly.level
            when 'service' then ' ' || anomaly.part
            when 'tag' then ' tag ' || anomaly.part
            else ''
        end || ' (' || anomaly.currency || ')' as finding_object,
        anomaly.currency,
        anomaly.excess as amount,
        null::numeric as limit_amount,
        anomaly.since as day
    from upkeep.spend_anomaly as anomaly
    where anomaly.window_start = %(start)s
    and anomaly.window_end = %(end)s
    union all
    select
        case when forecast.spent > forecast.amount then 'spent' else 'will be spent' end,
        forecast.duty,
        forecast.target,
        case when forecast.spent > forecast.amount then 'budget_spent' else 'budget_will_be_spent' end,
        forecast.budget,
        forecast.budget,
        forecast.currency,
        case when forecast.spent > forecast.amount then forecast.spent else forecast.middle end,
        forecast.amount,
        forecast.last_day
    from upkeep.budget_forecast as forecast
    where forecast.window_start = %(start)s
    and forecast.window_end = %(end)s
    and (forecast.spent > forecast.amount or forecast.middle > forecast.amount)
    union all
    select
        'stopped',
        finding.duty,
        finding.target,
        finding.rule,
        finding.object,
        finding.object,
        null,
        finding.value::numeric,
        null,
        null
    from upkeep.finding
    where finding.window_start = %(start)s
    and finding.window_end = %(end)s
    and finding.duty = 'bill_quality'
    and finding.rule in ('bill_late', 'account_stopped')
) as wrong
where not exists (
    select
    from upkeep.waiver_for(
        wrong.duty, wrong.target, wrong.rule, wrong.finding_object, (%(end)s::timestamptz at time zone 'UTC')::date
    ) as waiver
    where waiver.holds
)
order by
    wrong.target,
    wrong.kind,
    wrong.currency,
    abs(wrong.amount) desc,
    wrong.object
