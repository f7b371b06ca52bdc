-- An opportunity of an account by its key, as it was last seen, and whether the ledger tells its account and region apart.
select
    opportunity.rule,
    opportunity.resource,
    coalesce(opportunity.name, opportunity.resource) as name,
    opportunity.monthly_expected as expected,
    opportunity.currency,
    case
        when exists (
            select
            from upkeep.spend as spend
            where spend.account = opportunity.target
            and spend.sub_account = opportunity.account
        ) then opportunity.account
    end as sub_account,
    case
        when exists (
            select
            from upkeep.spend as spend
            where spend.account = opportunity.target
            and spend.region = opportunity.region
        ) then opportunity.region
    end as region
from upkeep.opportunity as opportunity
where opportunity.target = %(account)s
and concat_ws('/', opportunity.rule, opportunity.region, opportunity.resource) = %(key)s
order by opportunity.window_end desc
limit 1
