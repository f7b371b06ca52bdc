-- Endpoints of a service in the newest week, those that took most time first.
select
    endpoint.endpoint,
    endpoint.requests,
    endpoint.errors,
    endpoint.total_seconds,
    endpoint.p95_low,
    endpoint.p95_high,
    newest.window_start,
    newest.window_end,
    newest.dag_id,
    newest.run_id,
    newest.task_id,
    newest.map_index
from upkeep.current_answer as newest
inner join upkeep.service_endpoint as endpoint
    on endpoint.duty = newest.duty
    and endpoint.target = newest.target
    and endpoint.window_start = newest.window_start
    and endpoint.window_end = newest.window_end
where newest.target = %(service)s
order by
    endpoint.total_seconds desc nulls last,
    endpoint.requests desc,
    endpoint.endpoint
limit %(limit)s
