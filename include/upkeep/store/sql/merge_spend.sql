-- What was said of the days in spend_days, against the newest versions: whatever differs becomes a new version; what is gone becomes one of 0.
insert into upkeep.spend (
    account,
    day,
    key,
    version,
    billing_period,
    provider,
    billing_account,
    sub_account,
    sub_account_name,
    service,
    region,
    category,
    class,
    commitment,
    commitment_status,
    pricing,
    tags,
    unit,
    currency,
    billed_cost,
    effective_cost,
    contracted_cost,
    list_cost,
    contracted_missing,
    list_missing,
    quantity,
    source_rows,
    provisional,
    delivery,
    said_at
)
with known as materialized (
    select distinct on (spend.day, spend.key) spend.*
    from upkeep.spend
    inner join pg_temp.spend_days as touched
        on spend.day between touched.first_day and touched.last_day
    where spend.account = %(account)s
    order by
        spend.day,
        spend.key,
        spend.version desc
),
delivery as (
    select
        delivery.id,
        delivery.said_at
    from upkeep.spend_delivery as delivery
    where delivery.id = %(delivery)s
)
select
    %(account)s,
    said.day,
    said.key,
    coalesce(known.version, 0) + 1,
    said.billing_period,
    said.provider,
    said.billing_account,
    said.sub_account,
    said.sub_account_name,
    said.service,
    said.region,
    said.category,
    said.class,
    said.commitment,
    said.commitment_status,
    said.pricing,
    said.tags,
    said.unit,
    said.currency,
    trim_scale(said.billed_cost),
    trim_scale(said.effective_cost),
    trim_scale(said.contracted_cost),
    trim_scale(said.list_cost),
    trim_scale(said.contracted_missing),
    trim_scale(said.list_missing),
    trim_scale(said.quantity),
    said.source_rows,
    said.provisional,
    delivery.id,
    delivery.said_at
from pg_temp.spend_said as said
cross join delivery
left join known
    on known.day = said.day
    and known.key = said.key
where known.version is null
or known.source_rows = 0
or (
    known.billed_cost,
    known.effective_cost,
    known.contracted_cost,
    known.list_cost,
    known.contracted_missing,
    known.list_missing,
    known.quantity,
    known.provisional
) is distinct from (
    said.billed_cost,
    said.effective_cost,
    said.contracted_cost,
    said.list_cost,
    said.contracted_missing,
    said.list_missing,
    said.quantity,
    said.provisional
)
union all
select
    known.account,
    known.day,
    known.key,
    known.version + 1,
    known.billing_period,
    known.provider,
    known.billing_account,
    known.sub_account,
    known.sub_account_name,
    known.service,
    known.region,
    known.category,
    known.class,
    known.commitment,
    known.commitment_status,
    known.pricing,
    known.tags,
    known.unit,
    known.currency,
    0,
    case when known.effective_cost is not null then 0 end,
    case when known.contracted_cost is not null then 0 end,
    case when known.list_cost is not null then 0 end,
    0,
    0,
    case when known.quantity is not null then 0 end,
    0,
    false,
    delivery.id,
    delivery.said_at
from known
cross join delivery
where known.source_rows > 0
and not exists (
    select
    from pg_temp.spend_said as said
    where said.day = known.day
    and said.key = known.key
)
