-- Keys of the opportunities of an account.
select distinct concat_ws('/', opportunity.rule, opportunity.region, opportunity.resource)
from upkeep.opportunity as opportunity
where opportunity.target = %(account)s
