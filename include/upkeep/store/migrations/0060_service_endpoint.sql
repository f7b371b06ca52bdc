-- Endpoints of services: a row for each, and each window.

create table upkeep.service_endpoint (
    duty text not null,
    target text not null,
    window_start timestamptz not null,
    window_end timestamptz not null,
    endpoint text not null,
    requests bigint not null check (requests >= 0),
    errors bigint not null check (errors between 0 and requests),
    total_seconds double precision check (total_seconds >= 0),
    timed bigint check (timed between 0 and requests),
    p50_low double precision,
    p50_high double precision,
    p95_low double precision,
    p95_high double precision,
    p99_low double precision,
    p99_high double precision,
    primary key (duty, target, window_start, window_end, endpoint),
    foreign key (duty, target, window_start, window_end) references upkeep.answer on delete cascade
);
comment on table upkeep.service_endpoint is 'Endpoints of services over a window: requests, errors and time, exact where their source is.';
comment on column upkeep.service_endpoint.duty is 'Duty that read them: slow_endpoints.';
comment on column upkeep.service_endpoint.target is 'Service (inventory: services).';
comment on column upkeep.service_endpoint.window_start is 'Start of the window, included.';
comment on column upkeep.service_endpoint.window_end is 'End of the window, excluded.';
comment on column upkeep.service_endpoint.endpoint is 'Method and path, without ids and query string.';
comment on column upkeep.service_endpoint.requests is 'Requests to it.';
comment on column upkeep.service_endpoint.errors is 'Requests that the service failed: HTTP 5xx and their like.';
comment on column upkeep.service_endpoint.total_seconds is 'Time that all its answers took together; null where no time is known.';
comment on column upkeep.service_endpoint.timed is 'Requests whose time is known; null where no percentile is.';
comment on column upkeep.service_endpoint.p50_low is 'Median latency in seconds: lower bound.';
comment on column upkeep.service_endpoint.p50_high is 'Median latency: upper bound; null where nobody knows one.';
comment on column upkeep.service_endpoint.p95_low is '95th percentile of latency in seconds: lower bound.';
comment on column upkeep.service_endpoint.p95_high is '95th percentile: upper bound; null where nobody knows one.';
comment on column upkeep.service_endpoint.p99_low is '99th percentile of latency in seconds: lower bound.';
comment on column upkeep.service_endpoint.p99_high is '99th percentile: upper bound; null where nobody knows one.';
create index service_endpoint_by_name on upkeep.service_endpoint (target, endpoint, window_end);
