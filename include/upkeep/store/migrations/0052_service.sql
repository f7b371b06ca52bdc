-- Signals of services: a row for each window, and the minutes by hours, from which objectives are judged.

create table upkeep.golden_signal (
    duty text not null,
    target text not null,
    window_start timestamptz not null,
    window_end timestamptz not null,
    requests bigint not null check (requests >= 0),
    errors bigint not null check (errors between 0 and requests),
    refused bigint not null check (refused between 0 and requests),
    closed bigint not null check (closed between 0 and requests),
    slow bigint check (slow between 0 and requests),
    slow_limit double precision not null,
    minutes integer not null,
    minutes_seen integer not null check (minutes_seen between 0 and minutes),
    p50_low double precision,
    p50_high double precision,
    p95_low double precision,
    p95_high double precision,
    p99_low double precision,
    p99_high double precision,
    primary key (duty, target, window_start, window_end),
    foreign key (duty, target, window_start, window_end) references upkeep.answer on delete cascade
);
comment on table upkeep.golden_signal is 'Signals of a service over a window: exact counts of what was seen, and latency with its bounds.';
comment on column upkeep.golden_signal.duty is 'Duty that read them: golden_signals.';
comment on column upkeep.golden_signal.target is 'Service (inventory: services).';
comment on column upkeep.golden_signal.window_start is 'Start of the window, included.';
comment on column upkeep.golden_signal.window_end is 'End of the window, excluded.';
comment on column upkeep.golden_signal.requests is 'Requests in the minutes that were seen.';
comment on column upkeep.golden_signal.errors is 'Requests that the service failed: HTTP 5xx and their like.';
comment on column upkeep.golden_signal.refused is 'Requests that the service refused: HTTP 4xx without 499.';
comment on column upkeep.golden_signal.closed is 'Requests that the client gave up: nginx 499.';
comment on column upkeep.golden_signal.slow is 'Requests answered later than slow_limit; null where that cannot be told.';
comment on column upkeep.golden_signal.slow_limit is 'Seconds from which an answer is slow.';
comment on column upkeep.golden_signal.minutes is 'Minutes of the window.';
comment on column upkeep.golden_signal.minutes_seen is 'Minutes of it that the source saw. The others are unknown, not quiet.';
comment on column upkeep.golden_signal.p50_low is 'Median latency in seconds: lower bound.';
comment on column upkeep.golden_signal.p50_high is 'Median latency: upper bound; null where nobody knows one.';
comment on column upkeep.golden_signal.p95_low is '95th percentile of latency in seconds: lower bound.';
comment on column upkeep.golden_signal.p95_high is '95th percentile: upper bound; null where nobody knows one.';
comment on column upkeep.golden_signal.p99_low is '99th percentile of latency in seconds: lower bound.';
comment on column upkeep.golden_signal.p99_high is '99th percentile: upper bound; null where nobody knows one.';

create table upkeep.service_hour (
    duty text not null,
    target text not null,
    window_start timestamptz not null,
    window_end timestamptz not null,
    hour timestamptz not null,
    requests integer[] not null check (array_length(requests, 1) = 60),
    errors integer[] not null check (array_length(errors, 1) = 60),
    slow integer[] not null check (array_length(slow, 1) = 60),
    primary key (duty, target, window_start, window_end, hour),
    foreign key (duty, target, window_start, window_end) references upkeep.answer on delete cascade
);
comment on table upkeep.service_hour is 'Minutes of services by hours: arrays of sixty. A minute is read more easily from service_minute.';
comment on column upkeep.service_hour.duty is 'Duty that read them: golden_signals.';
comment on column upkeep.service_hour.target is 'Service (inventory: services).';
comment on column upkeep.service_hour.window_start is 'Start of the window, included.';
comment on column upkeep.service_hour.window_end is 'End of the window, excluded.';
comment on column upkeep.service_hour.hour is 'The hour, by UTC.';
comment on column upkeep.service_hour.requests is 'Requests of each minute; null for one that nobody saw.';
comment on column upkeep.service_hour.errors is 'Requests of each minute that the service failed.';
comment on column upkeep.service_hour.slow is 'Requests of each minute that were slow; null where that cannot be told.';
create index service_hour_by_time on upkeep.service_hour (target, hour);

create view upkeep.service_minute as
select distinct on (service, minute)
    hours.target as service,
    hours.hour + (each.place - 1) * interval '1 minute' as minute,
    each.requests,
    each.errors,
    each.slow
from upkeep.service_hour as hours
cross join lateral unnest(hours.requests, hours.errors, hours.slow) with ordinality as each (requests, errors, slow, place)
where each.requests is not null
order by
    service,
    minute,
    hours.window_end desc,
    hours.window_start;
comment on view upkeep.service_minute is 'Minutes of services that were seen: exact counts. A minute without a row was not seen; of windows that overlap the last counts.';
comment on column upkeep.service_minute.service is 'Service (inventory: services).';
comment on column upkeep.service_minute.minute is 'Start of the minute.';
comment on column upkeep.service_minute.requests is 'Requests in it.';
comment on column upkeep.service_minute.errors is 'Requests in it that the service failed.';
comment on column upkeep.service_minute.slow is 'Requests in it that were slow; null where that cannot be told.';

create function upkeep.golden_signal_days(since timestamptz, until timestamptz)
returns setof upkeep.golden_signal
language sql stable as $$
    with days as materialized (
        select
            signal,
            answer.target,
            answer.window_start,
            answer.window_end,
            answer.asked_at
        from upkeep.golden_signal as signal
        inner join upkeep.answer as answer
            using (duty, target, window_start, window_end)
        where answer.duty = 'golden_signals'
        and answer.cadence = 'daily'
        and answer.window_start >= since
        and answer.window_end <= until
    )

    select (day.signal).*
    from days as day
    where not exists (
        select from days as newer
        where newer.target = day.target
        and newer.window_start < day.window_end
        and newer.window_end > day.window_start
        and (newer.asked_at, newer.window_start) > (day.asked_at, day.window_start)
    )
$$;
comment on function upkeep.golden_signal_days is 'Days of services inside a span, none of whose minutes counts twice: where windows overlap, as after a change of the schedule, the one that was asked last counts.';
