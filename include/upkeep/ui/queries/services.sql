-- Services with their newest signals, those that are in breach first.
select
    target.name as service,
    target.owner,
    newest.status,
    newest.summary,
    newest.window_start,
    newest.window_end,
    newest.asked_at,
    newest.dag_id,
    newest.run_id,
    newest.task_id,
    newest.map_index,
    signal.requests,
    signal.errors,
    signal.slow,
    signal.slow_limit,
    signal.p95_low,
    signal.p95_high,
    signal.minutes,
    signal.minutes_seen,
    count(*) over () as total
from upkeep.target as target
left join upkeep.current_answer as newest
    on newest.target = target.name
    and newest.duty = 'golden_signals'
left join upkeep.golden_signal as signal
    on signal.duty = newest.duty
    and signal.target = newest.target
    and signal.window_start = newest.window_start
    and signal.window_end = newest.window_end
where target.kind = 'services'
and target.active
and (%(text)s::text is null or position(lower(%(text)s) in lower(target.name || ' ' || target.owner)) > 0)
order by
    newest.status is distinct from 'breach',
    newest.status is distinct from 'unknown',
    target.name
limit %(limit)s
offset %(offset)s
