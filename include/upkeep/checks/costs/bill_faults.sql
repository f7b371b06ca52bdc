-- What a bill's rows lack or say against the FOCUS specification, one row a fault and what it is about, with the money that it concerns.
with known as (
    select *
    from upkeep.spend_known(%(account)s, %(first)s, %(last)s, %(known_by)s) as spend
),
whole as (
    select
        count(*) as entries,
        sum(known.effective_cost) filter (where known.effective_cost > 0) as effective
    from known
)
select
    fault.rule,
    fault.object,
    fault.n,
    whole.entries as of_n,
    fault.amount,
    fault.currency
from (
    select
        'other_currency' as rule,
        known.currency as object,
        count(*) as n,
        sum(known.billed_cost) as amount,
        known.currency
    from known
    where known.currency <> %(currency)s
    group by known.currency
    union all
    select
        'unknown_category',
        known.category,
        count(*),
        sum(known.billed_cost),
        known.currency
    from known
    where known.category not in ('Usage', 'Purchase', 'Tax', 'Credit', 'Adjustment')
    group by
        known.category,
        known.currency
    union all
    select
        'no_effective_cost',
        known.service,
        count(*),
        sum(known.billed_cost),
        known.currency
    from known
    where known.effective_cost is null
    group by
        known.service,
        known.currency
    union all
    select
        'commitment_without_status',
        known.commitment,
        count(*),
        sum(known.effective_cost),
        known.currency
    from known
    where known.commitment is not null
    and known.commitment_status is null
    and known.category = 'Usage'
    group by
        known.commitment,
        known.currency
    union all
    select
        'no_service',
        known.category,
        count(*),
        sum(known.billed_cost),
        known.currency
    from known
    where known.service = 'unassigned'
    and known.category in ('Usage', 'Purchase')
    group by
        known.category,
        known.currency
    union all
    select
        'estimate_in_closed_month',
        to_char(known.billing_period, 'YYYY-MM'),
        count(*),
        sum(known.billed_cost),
        known.currency
    from known
    where known.provisional
    and known.billing_period + interval '1 month' + %(closes)s * interval '1 day' <= %(last)s
    group by
        known.billing_period,
        known.currency
    union all
    select
        'two_currencies',
        known.billing_account || ' ' || to_char(known.billing_period, 'YYYY-MM'),
        count(*),
        null,
        string_agg(distinct known.currency, ', ' order by known.currency)
    from known
    group by
        known.billing_account,
        known.billing_period
    having count(distinct known.currency) > 1
) as fault
cross join whole
order by
    fault.rule,
    fault.object,
    fault.currency
