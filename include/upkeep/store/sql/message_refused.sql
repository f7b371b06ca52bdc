-- A try did not work and another cannot, until a person has mended something.
update upkeep.message
set
    state = 'failed',
    claimed_until = null,
    delivery_uncertain = %(delivery_uncertain)s,
    error = %(error)s
where key = %(key)s
and claimed_until = %(claimed_until)s
