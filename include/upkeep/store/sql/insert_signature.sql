-- One signature; the same again changes nothing.
insert into upkeep.decision_answer (
    decision, round, place, option, form_values, user_name, user_id, person, answered_at, question, digest, previous, sha256
)
values (
    %(key)s, %(round)s, %(place)s, %(option)s, %(values)s, %(user)s, %(user_id)s, %(person)s, %(answered_at)s, %(question)s,
    %(digest)s, %(previous)s, %(sha256)s
)
on conflict (decision, round, place) do nothing
