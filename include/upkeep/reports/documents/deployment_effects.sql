-- Deployments whose time after was judged in a window, with the signals before and after, and those that went live in it unjudged.
-- Caveat: the 95th percentiles are those of the last whole day before and of the first after; other deployments may lie in these days.
select
    deployment.service,
    deployment.environment,
    coalesce(deployment.version, deployment.deployment) as name,
    coalesce(effect.after_start, deployment.finished_at) as live_at,
    effect.verdict,
    coalesce(effect.reason, '') as reason,
    coalesce(effect.before_requests, 0) as before_requests,
    coalesce(effect.after_requests, 0) as after_requests,
    effect.before_errors,
    effect.after_errors,
    effect.errors_change,
    effect.errors_low,
    effect.errors_high,
    effect.before_slow,
    effect.after_slow,
    effect.slow_change,
    effect.slow_low,
    effect.slow_high,
    day_before.p95_low as p95_low_before,
    day_before.p95_high as p95_high_before,
    day_after.p95_low as p95_low_after,
    day_after.p95_high as p95_high_after,
    coalesce(effect.others, '{}') as others
from upkeep.deployment as deployment
left join lateral (
    select one.*
    from upkeep.deployment_effect as one
    where one.duty = 'deployments'
    and one.target = deployment.service
    and one.environment = deployment.environment
    and one.deployment = deployment.deployment
    and one.window_start >= %(start)s::timestamptz - interval '3 days'
    and one.window_end <= %(end)s
    order by
        one.window_end desc,
        one.window_start desc
    limit 1
) as effect
    on true
left join lateral (
    select
        signal.p95_low,
        signal.p95_high
    from upkeep.golden_signal as signal
    where signal.duty = 'golden_signals'
    and signal.target = deployment.service
    and signal.window_start > effect.before_end - interval '3 days'
    and signal.window_end <= effect.before_end
    and signal.window_end > effect.before_end - interval '1 day'
    order by
        signal.window_end desc,
        signal.window_start desc
    limit 1
) as day_before
    on true
left join lateral (
    select
        signal.p95_low,
        signal.p95_high
    from upkeep.golden_signal as signal
    where signal.duty = 'golden_signals'
    and signal.target = deployment.service
    and signal.window_start >= effect.after_start
    and signal.window_start < effect.after_start + interval '1 day'
    and signal.window_end <= %(end)s
    order by
        signal.window_start,
        signal.window_end
    limit 1
) as day_after
    on true
where (deployment.status in ('succeeded', 'rolled back') or (deployment.status = 'failed' and deployment.failed_at < %(end)s))
and deployment.finished_at < %(end)s
and deployment.finished_at >= %(start)s::timestamptz - interval '2 days'
and coalesce(effect.window_start, deployment.finished_at) >= %(start)s
order by
    deployment.service,
    deployment.environment,
    coalesce(effect.after_start, deployment.finished_at),
    deployment.deployment
