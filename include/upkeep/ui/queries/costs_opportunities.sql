-- What could be saved as of the newest answer, the most money first; what must not be touched comes last and is in no total.
select
    opportunity.*,
    count(*) over () as total,
    sum(opportunity.monthly_expected) filter (where opportunity.protected_by is null) over () as money,
    sum(opportunity.monthly_low) filter (where opportunity.protected_by is null) over () as money_low,
    sum(opportunity.monthly_high) filter (where opportunity.protected_by is null) over () as money_high
from upkeep.opportunity
inner join upkeep.current_answer as answer
    using (duty, target, window_start, window_end)
where opportunity.target = %(account)s
and opportunity.currency = %(currency)s
order by
    opportunity.protected_by is not null,
    opportunity.monthly_expected desc,
    opportunity.rule,
    opportunity.region,
    opportunity.resource
limit %(limit)s
offset %(offset)s
