create table upkeep.opportunity (
    duty text not null,
    target text not null,
    window_start timestamptz not null,
    window_end timestamptz not null,
    rule text not null,
    region text not null,
    resource text not null,
    account text not null,
    name text,
    monthly_low numeric not null check (monthly_low >= 0),
    monthly_expected numeric not null,
    monthly_high numeric not null,
    currency text not null,
    price_source text not null check (price_source in ('ledger', 'list')),
    confidence text not null check (confidence in ('low', 'medium', 'high')),
    effort text not null check (effort in ('low', 'medium', 'high')),
    remedy text not null,
    proof text not null,
    evidence jsonb not null,
    protected_by text,
    primary key (duty, target, window_start, window_end, rule, region, resource),
    foreign key (duty, target, window_start, window_end) references upkeep.answer on delete cascade,
    check (monthly_expected between monthly_low and monthly_high)
);
comment on table upkeep.opportunity is 'What could be saved: one row for each resource, rule and window. One cost stands in one row only.';
comment on column upkeep.opportunity.duty is 'Duty that looked: opportunities.';
comment on column upkeep.opportunity.target is 'Target: section accounts of the inventory.';
comment on column upkeep.opportunity.window_start is 'Start of the window, included.';
comment on column upkeep.opportunity.window_end is 'End of the window, excluded.';
comment on column upkeep.opportunity.rule is 'Rule that found it: docs/opportunities.md.';
comment on column upkeep.opportunity.region is 'Region; global where it has none.';
comment on column upkeep.opportunity.resource is 'Id of the resource, as its provider names it.';
comment on column upkeep.opportunity.account is 'Account, subscription or project that it belongs to (upkeep.spend.sub_account); the target''s name where that is not told.';
comment on column upkeep.opportunity.name is 'Its tag Name; null where it has none.';
comment on column upkeep.opportunity.monthly_low is 'Money that it would save a month, the lower end of the interval.';
comment on column upkeep.opportunity.monthly_expected is 'Money that it would save a month, most likely.';
comment on column upkeep.opportunity.monthly_high is 'Money that it would save a month, the upper end of the interval.';
comment on column upkeep.opportunity.currency is 'Currency of the money (ISO 4217).';
comment on column upkeep.opportunity.price_source is 'ledger: list prices times the share of list prices that the account pays; list: list prices.';
comment on column upkeep.opportunity.confidence is 'How sure it is that the money is saved: low, medium or high.';
comment on column upkeep.opportunity.effort is 'How much work it is: low, medium or high.';
comment on column upkeep.opportunity.remedy is 'What to do.';
comment on column upkeep.opportunity.proof is 'A command or query that only reads and shows it.';
comment on column upkeep.opportunity.evidence is 'What it was judged by: metrics with their days, prices, and rules that had the same cost in view.';
comment on column upkeep.opportunity.protected_by is 'Tag or protection because of which it must not be touched, so that it is no finding; else null.';
