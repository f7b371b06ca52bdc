-- Anomalies of services that were on in a window: as their newest row tells them, with the numbers of their rarest hour or day in it.
-- Caveat: verdicts of people and of deployments are those that were known by the end of the window.
with stored as (
    select
        anomaly.*,
        case
            when anomaly.series in ('requests a minute', 'share of errors', 'share of slow answers') then interval '1 hour'
            else interval '1 day'
        end as step
    from upkeep.anomaly as anomaly
    where anomaly.duty = 'anomalies'
    and anomaly.window_start >= %(start)s
    and anomaly.window_end <= %(end)s
),

newest as (
    select distinct on (stored.target, stored.rule, stored.series, stored.since) stored.*
    from stored
    order by
        stored.target,
        stored.rule,
        stored.series,
        stored.since,
        stored.window_end desc,
        stored.window_start desc
),

rarest as (
    select distinct on (stored.target, stored.rule, stored.series, stored.since) stored.*
    from stored
    order by
        stored.target,
        stored.rule,
        stored.series,
        stored.since,
        stored.chance,
        stored.window_end
)

select
    newest.target as service,
    newest.rule,
    newest.series,
    newest.since,
    newest.until,
    newest.until + newest.step as ends,
    newest.open,
    rarest.at,
    rarest.value,
    rarest.low,
    rarest.expected,
    rarest.high,
    rarest.unit,
    rarest.chance,
    rarest.n,
    newest.together,
    newest.deployments,
    array(
        select concat(coalesce(deployment.version, effect.deployment), ' to ', effect.environment, ': ', effect.verdict)
        from upkeep.deployment_effect as effect
        left join upkeep.deployment as deployment
            on deployment.service = effect.target
            and deployment.environment = effect.environment
            and deployment.deployment = effect.deployment
        where effect.duty = 'deployments'
        and effect.target = newest.target
        and effect.window_start >= newest.since - interval '2 days'
        and effect.window_end <= %(end)s
        and effect.after_start >= newest.since - case when newest.step < interval '1 day' then interval '3 hours' else newest.step end
        and effect.after_start < newest.since + newest.step
        order by
            effect.after_start,
            effect.environment,
            effect.deployment
    ) as effects,
    verdict.verdict,
    verdict.person
from newest
inner join rarest
    on rarest.target = newest.target
    and rarest.rule = newest.rule
    and rarest.series = newest.series
    and rarest.since = newest.since
left join lateral (
    select
        one.verdict,
        one.person
    from upkeep.anomaly_verdict as one
    where one.service = newest.target
    and one.answered_at < %(end)s
    and one.anomaly
    = concat_ws('@', newest.rule, to_char(newest.since at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI"Z"'), newest.series)
    order by one.answered_at desc
    limit 1
) as verdict
    on true
order by
    rarest.chance,
    newest.target,
    newest.rule,
    newest.series,
    newest.since
