-- What could be saved, as the newest answer about each account until a moment has it; what must not be touched left out.
with newest as (
    select
        opportunity.target,
        max(opportunity.window_end) as window_end
    from upkeep.opportunity as opportunity
    where opportunity.window_end <= %(known_by)s
    and opportunity.window_end > %(start)s
    group by opportunity.target
)
select
    opportunity.target as account,
    opportunity.rule,
    opportunity.region,
    opportunity.resource,
    opportunity.name,
    opportunity.monthly_low as low,
    opportunity.monthly_expected as expected,
    opportunity.monthly_high as high,
    opportunity.currency,
    opportunity.confidence,
    opportunity.effort
from newest
inner join upkeep.opportunity as opportunity
    on opportunity.target = newest.target
    and opportunity.window_end = newest.window_end
where opportunity.protected_by is null
order by
    opportunity.monthly_expected desc,
    opportunity.target,
    opportunity.rule,
    opportunity.region,
    opportunity.resource
