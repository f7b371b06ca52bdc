-- Alerts of services: when each fired in a window, and who silenced it.

create table upkeep.alert_firing (
    duty text not null,
    target text not null,
    window_start timestamptz not null,
    window_end timestamptz not null,
    alert text not null,
    labels text not null,
    severity text not null,
    began timestamptz not null,
    ended timestamptz,
    seconds double precision not null check (seconds >= 0),
    acknowledged timestamptz,
    acknowledged_by text,
    acknowledged_known boolean not null,
    primary key (duty, target, window_start, window_end, alert, labels, began),
    foreign key (duty, target, window_start, window_end) references upkeep.answer on delete cascade
);
comment on table upkeep.alert_firing is 'Alerts of services: each time that one fired in a window. One that goes on into the next window has a row in both.';
comment on column upkeep.alert_firing.duty is 'Duty that read them: alerts.';
comment on column upkeep.alert_firing.target is 'Service (inventory: services).';
comment on column upkeep.alert_firing.window_start is 'Start of the window, included.';
comment on column upkeep.alert_firing.window_end is 'End of the window, excluded.';
comment on column upkeep.alert_firing.alert is 'Name of the alert.';
comment on column upkeep.alert_firing.labels is 'Its other labels.';
comment on column upkeep.alert_firing.severity is 'Label severity of its rule; empty when it has none.';
comment on column upkeep.alert_firing.began is 'When it began to fire; at the earliest a day before the window.';
comment on column upkeep.alert_firing.ended is 'When it was last seen firing; null when it went on past the window.';
comment on column upkeep.alert_firing.seconds is 'How long it fired inside the window.';
comment on column upkeep.alert_firing.acknowledged is 'When the first silence that matches it began; null without one.';
comment on column upkeep.alert_firing.acknowledged_by is 'Who made that silence.';
comment on column upkeep.alert_firing.acknowledged_known is 'Whether silences of that time could still be read; false where none says nothing.';
