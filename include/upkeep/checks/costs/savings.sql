-- Months that were restated between two moments, by service, newest first: which import changed what a saving is measured from.
select
    restatement.month,
    restatement.sub_account,
    restatement.service,
    restatement.currency,
    (restatement.said_at at time zone 'UTC')::date as said_on,
    sum(coalesce(restatement.effective_difference, restatement.billed_difference)) as difference,
    min(restatement.why) as why
from upkeep.restatement as restatement
where restatement.account = %(account)s
and restatement.month between %(first)s and %(last)s
and restatement.said_at > %(after)s
and restatement.said_at <= %(known_by)s
group by
    restatement.month,
    restatement.sub_account,
    restatement.service,
    restatement.currency,
    said_on
order by
    abs(sum(coalesce(restatement.effective_difference, restatement.billed_difference))) desc,
    restatement.month,
    restatement.sub_account,
    restatement.service,
    restatement.currency,
    said_on
