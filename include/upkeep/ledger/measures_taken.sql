-- Every measure of an account that was taken by a day, the oldest first.
select
    measure.account,
    measure.name,
    measure.what,
    measure.taken_on,
    measure.taken_by,
    measure.currency,
    measure.sub_account,
    measure.service,
    measure.region,
    measure.tags,
    measure.resource,
    measure.expected_saving,
    measure.normalised_by,
    measure.driver_service,
    measure.source,
    measure.opportunity,
    measure.ended_on,
    measure.ended_why
from upkeep.measure as measure
where measure.account = %(account)s
and measure.taken_on <= %(last)s
order by
    measure.taken_on,
    measure.name
