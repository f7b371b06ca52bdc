-- Closed months that changed, the newest change first.
select
    restatement.*,
    delivery.what
from upkeep.restatement
inner join upkeep.spend_delivery as delivery
    on delivery.id = restatement.delivery
where restatement.account = %(account)s
and restatement.currency = %(currency)s
and restatement.month >= %(since)s
order by
    restatement.said_at desc,
    abs(restatement.billed_difference) desc,
    restatement.month,
    restatement.sub_account,
    restatement.service
limit 40
