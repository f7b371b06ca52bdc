-- Keys of the tags that the ledger has of a bill in these days.
select distinct tag.key
from upkeep.spend
cross join lateral jsonb_object_keys(spend.tags) as tag(key)
where spend.account = %(account)s
and spend.day between %(first)s and %(last)s
and (%(sub)s::text is null or spend.sub_account = %(sub)s)
and (%(service)s::text is null or spend.service = %(service)s)
order by tag.key
limit 20
