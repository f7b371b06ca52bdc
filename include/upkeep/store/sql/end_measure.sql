update upkeep.measure
set
    ended_on = %(on)s,
    ended_why = %(why)s
where account = %(account)s
and name = %(name)s
and ended_on is null
