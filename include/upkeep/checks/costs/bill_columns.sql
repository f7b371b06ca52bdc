-- How many entries of usage have each column of a bill, by day, as it was known at a moment.
select
    filled.name,
    known.day,
    count(*) as entries,
    count(*) filter (where filled.has) as filled
from upkeep.spend_known(%(account)s, %(first)s, %(last)s, %(known_by)s) as known
cross join lateral (
    values
        ('ServiceName', known.service <> 'unassigned'),
        ('SubAccountId', known.sub_account <> known.billing_account),
        ('RegionId', known.region is not null),
        ('PricingCategory', known.pricing is not null),
        ('PricingQuantity', known.quantity is not null),
        ('EffectiveCost', known.effective_cost is not null),
        ('ContractedCost', known.contracted_cost is not null),
        ('ListCost', known.list_cost is not null),
        ('Tags', known.tags <> '{}')
) as filled (name, has)
where known.category = 'Usage'
group by
    filled.name,
    known.day
order by
    filled.name,
    known.day
