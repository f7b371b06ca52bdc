-- Rows of the ledger of one day, each with every version and the delivery that said it, the dearest and newest first.
select
    spend.*,
    spend.version = max(spend.version) over (partition by spend.key) as is_newest,
    max(coalesce(spend.effective_cost, spend.billed_cost)) over (partition by spend.key) as most,
    delivery.what,
    count(*) over () as total
from upkeep.spend
inner join upkeep.spend_delivery as delivery
    on delivery.id = spend.delivery
where spend.account = %(account)s
and spend.currency = %(currency)s
and spend.day = %(day)s
and (%(sub)s::text is null or spend.sub_account = %(sub)s)
and (%(service)s::text is null or spend.service = %(service)s)
and (%(region)s::text is null or spend.region = %(region)s)
and (not %(no_region)s or spend.region is null)
and (%(key)s::text is null or spend.tags ->> %(key)s::text is not distinct from %(value)s::text)
order by
    most desc,
    spend.key,
    spend.version desc
limit %(limit)s
offset %(offset)s
