-- Web vitals of services: a row for each device and vital, and each window.

create table upkeep.web_vital (
    duty text not null,
    target text not null,
    window_start timestamptz not null,
    window_end timestamptz not null,
    device text not null,
    vital text not null,
    samples bigint not null check (samples > 0),
    good bigint not null check (good between 0 and samples),
    poor bigint not null check (poor between 0 and samples),
    p75 double precision not null,
    p75_low double precision not null,
    p75_high double precision not null,
    primary key (duty, target, window_start, window_end, device, vital),
    foreign key (duty, target, window_start, window_end) references upkeep.answer on delete cascade
);
comment on table upkeep.web_vital is 'Web vitals as browsers measured them: the 75th percentile over page views, with its interval.';
comment on column upkeep.web_vital.duty is 'Duty that read them: web_vitals.';
comment on column upkeep.web_vital.target is 'Service (inventory: services).';
comment on column upkeep.web_vital.window_start is 'Start of the window, included.';
comment on column upkeep.web_vital.window_end is 'End of the window, excluded.';
comment on column upkeep.web_vital.device is 'mobile or desktop.';
comment on column upkeep.web_vital.vital is 'lcp and inp in milliseconds, cls as its score.';
comment on column upkeep.web_vital.samples is 'Page views that were measured.';
comment on column upkeep.web_vital.good is 'Of them, those at or below the good limit.';
comment on column upkeep.web_vital.poor is 'Of them, those above the poor limit.';
comment on column upkeep.web_vital.p75 is '75th percentile.';
comment on column upkeep.web_vital.p75_low is 'Lower end of its 95 % interval, by ranks.';
comment on column upkeep.web_vital.p75_high is 'Upper end of its 95 % interval, by ranks.';
