-- What each deployment did to the signals of its service.

create table upkeep.deployment_effect (
    duty text not null,
    target text not null,
    window_start timestamptz not null,
    window_end timestamptz not null,
    environment text not null,
    deployment text not null,
    verdict text not null check (verdict in ('worse', 'better', 'no difference seen', 'unknown')),
    reason text not null,
    before_start timestamptz not null,
    before_end timestamptz not null,
    before_seen integer not null,
    before_requests bigint not null,
    before_errors bigint not null,
    before_slow bigint,
    after_start timestamptz not null,
    after_end timestamptz not null,
    after_seen integer not null,
    after_requests bigint not null,
    after_errors bigint not null,
    after_slow bigint,
    errors_change double precision,
    errors_low double precision,
    errors_high double precision,
    slow_change double precision,
    slow_low double precision,
    slow_high double precision,
    others text[] not null,
    primary key (duty, target, window_start, window_end, environment, deployment),
    foreign key (duty, target, window_start, window_end) references upkeep.answer on delete cascade
);
comment on table upkeep.deployment_effect is 'Signals before and after each deployment, by counts, with a verdict. Another deployment cuts the span; minutes that nobody saw count nowhere.';
comment on column upkeep.deployment_effect.duty is 'Duty that compared them: deployments.';
comment on column upkeep.deployment_effect.target is 'Service (inventory: services).';
comment on column upkeep.deployment_effect.window_start is 'Start of the window in which the span after it ended, included.';
comment on column upkeep.deployment_effect.window_end is 'End of that window, excluded.';
comment on column upkeep.deployment_effect.environment is 'Where to.';
comment on column upkeep.deployment_effect.deployment is 'The deployment (upkeep.deployment).';
comment on column upkeep.deployment_effect.verdict is 'worse, better, no difference seen, or unknown.';
comment on column upkeep.deployment_effect.reason is 'What the verdict stands on, or why there is none.';
comment on column upkeep.deployment_effect.before_start is 'First minute before it.';
comment on column upkeep.deployment_effect.before_end is 'End of the minutes before it, excluded.';
comment on column upkeep.deployment_effect.before_seen is 'Minutes before it that were seen.';
comment on column upkeep.deployment_effect.before_requests is 'Requests in them.';
comment on column upkeep.deployment_effect.before_errors is 'Requests in them that failed.';
comment on column upkeep.deployment_effect.before_slow is 'Requests in them that were slow; null where that cannot be told.';
comment on column upkeep.deployment_effect.after_start is 'First minute after it.';
comment on column upkeep.deployment_effect.after_end is 'End of the minutes after it, excluded.';
comment on column upkeep.deployment_effect.after_seen is 'Minutes after it that were seen.';
comment on column upkeep.deployment_effect.after_requests is 'Requests in them.';
comment on column upkeep.deployment_effect.after_errors is 'Requests in them that failed.';
comment on column upkeep.deployment_effect.after_slow is 'Requests in them that were slow; null where that cannot be told.';
comment on column upkeep.deployment_effect.errors_change is 'Share of failed requests after minus before; null where not compared.';
comment on column upkeep.deployment_effect.errors_low is 'Lower end of its interval.';
comment on column upkeep.deployment_effect.errors_high is 'Upper end of its interval.';
comment on column upkeep.deployment_effect.slow_change is 'Share of slow requests after minus before; null where not compared.';
comment on column upkeep.deployment_effect.slow_low is 'Lower end of its interval.';
comment on column upkeep.deployment_effect.slow_high is 'Upper end of its interval.';
comment on column upkeep.deployment_effect.others is 'Other deployments near it, which cut the spans.';
