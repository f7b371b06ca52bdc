-- What was staged of the days in spend_days, against the newest versions: whatever differs becomes a new version; what is gone becomes one of 0.
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
    staged.day,
    staged.key,
    coalesce(known.version, 0) + 1,
    staged.billing_period,
    staged.provider,
    staged.billing_account,
    staged.sub_account,
    staged.sub_account_name,
    staged.service,
    staged.region,
    staged.category,
    staged.class,
    staged.commitment,
    staged.commitment_status,
    staged.pricing,
    staged.tags,
    staged.unit,
    staged.currency,
    trim_scale(staged.billed_cost),
    trim_scale(staged.effective_cost),
    trim_scale(staged.contracted_cost),
    trim_scale(staged.list_cost),
    trim_scale(staged.contracted_missing),
    trim_scale(staged.list_missing),
    trim_scale(staged.quantity),
    staged.source_rows,
    staged.provisional,
    delivery.id,
    delivery.said_at
from pg_temp.spend_staged as staged
cross join delivery
left join known
    on known.day = staged.day
    and known.key = staged.key
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
    staged.billed_cost,
    staged.effective_cost,
    staged.contracted_cost,
    staged.list_cost,
    staged.contracted_missing,
    staged.list_missing,
    staged.quantity,
    staged.provisional
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
    from pg_temp.spend_staged as staged
    where staged.day = known.day
    and staged.key = known.key
)
