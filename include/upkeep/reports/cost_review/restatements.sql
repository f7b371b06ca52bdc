-- Closed months that changed between two moments, by account and service; the largest difference first.
select
    restatement.account,
    restatement.month,
    restatement.sub_account,
    restatement.service,
    restatement.currency,
    (restatement.said_at at time zone 'UTC')::date as said_on,
    restatement.billed_difference as difference,
    restatement.why
from upkeep.restatement as restatement
where restatement.said_at > %(since)s
and restatement.said_at <= %(known_by)s
order by
    abs(restatement.billed_difference) desc,
    restatement.account,
    restatement.month,
    restatement.sub_account,
    restatement.service,
    restatement.currency,
    restatement.delivery
