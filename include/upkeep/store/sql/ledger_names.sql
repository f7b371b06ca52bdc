-- What the ledger of an account has now, by kind of name: what a measure may be about.
select
    names.kind,
    names.name
from upkeep.spend_now as spend
cross join lateral (
    values
    ('sub_account', spend.sub_account),
    ('service', spend.service),
    ('region', spend.region),
    ('unit', spend.unit),
    ('currency', spend.currency)
) as names (kind, name)
where spend.account = %(account)s
and names.name is not null
group by
    names.kind,
    names.name
