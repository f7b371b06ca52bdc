-- One piece of work that was decided.
insert into upkeep.action_item (decision, number, title, remedy, object, owner, due_on)
values (%(key)s, %(number)s, %(title)s, %(remedy)s, %(object)s, %(owner)s, %(due_on)s)
on conflict (decision, number) do update set
    title = excluded.title,
    remedy = excluded.remedy,
    object = excluded.object,
    owner = excluded.owner,
    due_on = excluded.due_on
