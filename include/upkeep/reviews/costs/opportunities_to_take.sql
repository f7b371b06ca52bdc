-- Opportunities of the newest answer about an account that no measure takes up and that may be touched, the most money first.
select
    concat_ws('/', opportunity.rule, opportunity.region, opportunity.resource) as key,
    opportunity.rule,
    opportunity.resource,
    opportunity.name,
    opportunity.monthly_low as low,
    opportunity.monthly_expected as expected,
    opportunity.monthly_high as high,
    opportunity.currency,
    opportunity.confidence,
    opportunity.effort,
    opportunity.remedy,
    opportunity.window_end as seen_until
from upkeep.opportunity as opportunity
where opportunity.target = %(account)s
and opportunity.window_end = (
    select max(answer.window_end)
    from upkeep.answer as answer
    where answer.duty = 'opportunities'
    and answer.target = %(account)s
    and answer.status <> 'unknown'
)
and opportunity.protected_by is null
and opportunity.monthly_expected >= %(least)s
and not exists (
    select
    from upkeep.measure as measure
    where measure.account = opportunity.target
    and measure.opportunity = concat_ws('/', opportunity.rule, opportunity.region, opportunity.resource)
)
order by
    opportunity.monthly_expected desc,
    key
limit %(most)s
