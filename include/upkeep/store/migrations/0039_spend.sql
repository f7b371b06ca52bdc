-- The ledger of costs: what sources said each day cost. A later truth is a new version; no row is ever changed or taken away.

create table upkeep.spend_delivery (
    id bigint generated always as identity primary key,
    account text not null,
    what text not null,
    said_at timestamptz not null,
    first_day date,
    last_day date,
    source_rows bigint not null,
    changed_rows bigint not null default 0
);
create index spend_delivery_by_account on upkeep.spend_delivery (account, said_at);
comment on table upkeep.spend_delivery is 'Versions of the sources of costs: one row for each import that brought something to read.';
comment on column upkeep.spend_delivery.id is 'Number of the version, in the order of imports.';
comment on column upkeep.spend_delivery.account is 'Target: section accounts of the inventory.';
comment on column upkeep.spend_delivery.what is 'What was read: the manifests, files or calls.';
comment on column upkeep.spend_delivery.said_at is 'When it was imported: from then on it is known.';
comment on column upkeep.spend_delivery.first_day is 'First day that was looked at; null where it had no rows.';
comment on column upkeep.spend_delivery.last_day is 'Last day that was looked at, included.';
comment on column upkeep.spend_delivery.source_rows is 'Rows of the source that were read.';
comment on column upkeep.spend_delivery.changed_rows is 'Rows of upkeep.spend that it added.';

create table upkeep.spend (
    account text not null,
    day date not null,
    key uuid not null,
    version integer not null check (version > 0),
    billing_period date not null,
    provider text not null,
    billing_account text not null,
    sub_account text not null,
    sub_account_name text,
    service text not null,
    region text,
    category text not null,
    class text,
    commitment text,
    commitment_status text,
    pricing text,
    tags jsonb not null,
    unit text,
    currency text not null,
    billed_cost numeric not null,
    effective_cost numeric,
    contracted_cost numeric,
    list_cost numeric,
    contracted_missing numeric not null default 0,
    list_missing numeric not null default 0,
    quantity numeric,
    source_rows bigint not null,
    provisional boolean not null default false,
    delivery bigint not null references upkeep.spend_delivery,
    said_at timestamptz not null,
    primary key (account, day, key, version)
);
create index spend_by_delivery on upkeep.spend (delivery);
comment on table upkeep.spend is 'Ledger of costs, append-only: what the source said a day cost, one row for each key and version. Newest: upkeep.spend_now.';
comment on column upkeep.spend.account is 'Target: section accounts of the inventory.';
comment on column upkeep.spend.day is 'Day (UTC) on which the charge begins.';
comment on column upkeep.spend.key is 'Digest of what tells rows of a day apart: all columns from billing_period to currency, but for sub_account_name.';
comment on column upkeep.spend.version is '1 when it was first said; a later truth has the next number.';
comment on column upkeep.spend.billing_period is 'First day of the billing period that the charge is invoiced in, which need not be the month of the day.';
comment on column upkeep.spend.provider is 'Provider, as the source names it.';
comment on column upkeep.spend.billing_account is 'Account that is invoiced.';
comment on column upkeep.spend.sub_account is 'Account, subscription or project that made it; the billing account where the source names none.';
comment on column upkeep.spend.sub_account_name is 'Its name at that time.';
comment on column upkeep.spend.service is 'Service; unassigned where the source names none, as for some credits and fees.';
comment on column upkeep.spend.region is 'Region; null where the source names none.';
comment on column upkeep.spend.category is 'Usage, Purchase, Tax, Credit or Adjustment (FOCUS: ChargeCategory).';
comment on column upkeep.spend.class is 'Correction for one of a period that was invoiced before; else null (FOCUS: ChargeClass).';
comment on column upkeep.spend.commitment is 'Commitment discount that it belongs to, such as a reservation or savings plan.';
comment on column upkeep.spend.commitment_status is 'Used or Unused, for what a commitment pays.';
comment on column upkeep.spend.pricing is 'How the price comes about (FOCUS: PricingCategory): Standard, Committed, Dynamic for spot, Other.';
comment on column upkeep.spend.tags is 'The tags that the inventory declares for the account (tag_keys), those that the charge has.';
comment on column upkeep.spend.unit is 'Unit of the quantity.';
comment on column upkeep.spend.currency is 'Currency of all amounts (ISO 4217); amounts of two currencies are never added.';
comment on column upkeep.spend.billed_cost is 'What is invoiced.';
comment on column upkeep.spend.effective_cost is 'Cost with what was paid in advance spread over use; null where the source does not tell.';
comment on column upkeep.spend.contracted_cost is 'Cost at the prices agreed; null where the source does not tell.';
comment on column upkeep.spend.list_cost is 'Cost at list prices; null where the source does not tell.';
comment on column upkeep.spend.contracted_missing is 'Effective cost of charges without a contracted cost: leave it out when comparing the two.';
comment on column upkeep.spend.list_missing is 'Effective cost of charges without a list cost: leave it out when comparing the two.';
comment on column upkeep.spend.quantity is 'What was priced, in unit; null where the source does not tell.';
comment on column upkeep.spend.source_rows is 'Rows of the source that it adds up; 0 when the source has none any more, and all amounts are then 0.';
comment on column upkeep.spend.provisional is 'Whether the source itself calls it an estimate.';
comment on column upkeep.spend.delivery is 'Version of the source that said it.';
comment on column upkeep.spend.said_at is 'When that was imported.';

create trigger only_added before update or delete on upkeep.spend
for each row execute function upkeep.refuse_change();

create view upkeep.spend_now as
select newest.*
from (
    select distinct on (spend.account, spend.day, spend.key) spend.*
    from upkeep.spend
    order by
        spend.account,
        spend.day,
        spend.key,
        spend.version desc
) as newest
where newest.source_rows > 0;
comment on view upkeep.spend_now is 'The newest version of each row of the ledger: what is known now.';
do $$
declare
    one record;
begin
    for one in
        select
            attribute.attname as name,
            pg_catalog.col_description(attribute.attrelid, attribute.attnum) as said
        from pg_catalog.pg_attribute as attribute
        where attribute.attrelid = 'upkeep.spend'::regclass
        and attribute.attnum > 0
        and not attribute.attisdropped
    loop
        execute format('comment on column upkeep.spend_now.%I is %L', one.name, one.said);
    end loop;
end
$$;

create function upkeep.spend_known(the_account text, first_day date, last_day date, known_by timestamptz)
returns setof upkeep.spend
language sql stable as $$
    with said as (
        select
            spend.billing_period,
            min(spend.said_at) as first_said
        from upkeep.spend
        where spend.account = the_account
        and spend.day >= date_trunc('month', first_day)
        and spend.day < date_trunc('month', last_day) + interval '1 month'
        group by spend.billing_period
    ),
    newest as (
        select distinct on (spend.day, spend.key) spend.*
        from upkeep.spend
        inner join said
            on said.billing_period = spend.billing_period
        where spend.account = the_account
        and spend.day between first_day and last_day
        and spend.said_at <= greatest(known_by, said.first_said)
        order by
            spend.day,
            spend.key,
            spend.version desc
    )
    select newest.*
    from newest
    where newest.source_rows > 0
$$;
comment on function upkeep.spend_known(text, date, date, timestamptz) is
'The ledger of an account, first_day to last_day, as it was known at a moment; of a billing period about which nothing was known then, what was said first.';

create table upkeep.spend_file (
    account text not null,
    name text not null,
    stamp text not null,
    reading text not null,
    counts_for text not null,
    first_day date,
    last_day date,
    source_rows bigint not null,
    delivery bigint not null references upkeep.spend_delivery,
    primary key (account, name)
);
comment on table upkeep.spend_file is 'Files that the ledger stands on, so that one that did not change is not read again.';
comment on column upkeep.spend_file.account is 'Target: section accounts of the inventory.';
comment on column upkeep.spend_file.name is 'Name of the file in its folder or bucket.';
comment on column upkeep.spend_file.stamp is 'Size and version (ETag or time of change) when it was read.';
comment on column upkeep.spend_file.reading is 'Digest of how it was read: the declared tags and columns, and the form of the ledger.';
comment on column upkeep.spend_file.counts_for is 'Days for which it counts, where a later delivery has replaced others.';
comment on column upkeep.spend_file.first_day is 'First day that it has; null where it has no rows.';
comment on column upkeep.spend_file.last_day is 'Last day that it has, included.';
comment on column upkeep.spend_file.source_rows is 'Rows that it has.';
comment on column upkeep.spend_file.delivery is 'Import that read it.';

create table upkeep.restatement (
    account text not null,
    month date not null,
    sub_account text not null,
    service text not null,
    currency text not null,
    delivery bigint not null references upkeep.spend_delivery,
    said_at timestamptz not null,
    billed_difference numeric not null,
    effective_difference numeric,
    why text not null,
    primary key (account, month, sub_account, service, currency, delivery)
);
comment on table upkeep.restatement is 'Closed months that changed: by how much, when, where and why. The first import of a month is none.';
comment on column upkeep.restatement.account is 'Target: section accounts of the inventory.';
comment on column upkeep.restatement.month is 'First day of the month whose cost changed.';
comment on column upkeep.restatement.sub_account is 'Account, subscription or project.';
comment on column upkeep.restatement.service is 'Service.';
comment on column upkeep.restatement.currency is 'Currency of the differences.';
comment on column upkeep.restatement.delivery is 'Import that brought it.';
comment on column upkeep.restatement.said_at is 'When that was.';
comment on column upkeep.restatement.billed_difference is 'New less old billed cost.';
comment on column upkeep.restatement.effective_difference is 'New less old effective cost; null where the source does not tell it.';
comment on column upkeep.restatement.why is 'correction: the provider says so; late: charges that were not there; withdrawn: charges that are gone; changed: other amounts; several: more than one of these.';
