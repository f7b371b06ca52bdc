-- A measure of a name, or of an opportunity, that is there already stays as it is.
insert into upkeep.measure (
    account,
    name,
    what,
    taken_on,
    taken_by,
    sub_account,
    service,
    region,
    tags,
    resource,
    expected_saving,
    currency,
    normalised_by,
    driver_service,
    source,
    opportunity
)
values (
    %(account)s,
    %(name)s,
    %(what)s,
    %(taken_on)s,
    %(taken_by)s,
    %(sub_account)s,
    %(service)s,
    %(region)s,
    %(tags)s,
    %(resource)s,
    %(expected_saving)s,
    %(currency)s,
    %(normalised_by)s,
    %(driver_service)s,
    %(source)s,
    %(opportunity)s
)
on conflict do nothing
