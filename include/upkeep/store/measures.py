"""Measures as rows of `upkeep.measure`: the only writer of that table. Every function raises BrokenError when it is away."""

from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Any

from upkeep.errors import UpkeepError
from upkeep.ledger.measure_taken import Measure
from upkeep.sources.postgres_errors import translate_errors
from upkeep.store.answers import sql
from upkeep.store.plain import clean, to_json
from upkeep.suggestions import nearest

if TYPE_CHECKING:
    import psycopg


def measures_of(connection: "psycopg.Connection[Any]", account: str) -> list[Measure]:
    """Every measure of an account, the oldest first."""
    from psycopg.rows import class_row

    with translate_errors(), connection.cursor(row_factory=class_row(Measure)) as cursor:
        return list(cursor.execute(sql("measures_of"), {"account": account}))


def add_measure(connection: "psycopg.Connection[Any]", measure: Measure) -> bool:
    """
    Keep a measure; False when it is there already. One statement: killed anywhere it is there or not, and again it adds nothing.

    Raises UpkeepError when another one has its name, or takes up the same opportunity.
    """
    plain: dict[str, Any] = {k: clean(v) if isinstance(v, str) else v for k, v in asdict(measure).items()}
    with translate_errors():
        added = connection.execute(sql("add_measure"), {**plain, "tags": to_json(measure.tags)}).rowcount == 1
    if not added:
        _refuse_other(measure, measures_of(connection, measure.account))
    return added


def check_measure(connection: "psycopg.Connection[Any]", measure: Measure) -> bool:
    """The same without keeping it: whether it would be added. Raises UpkeepError where `add_measure` does."""
    known = measures_of(connection, measure.account)
    there = any(each.name == measure.name or _same_opportunity(each, measure) for each in known)
    if there:
        _refuse_other(measure, known)
    return not there


def end_measure(
    connection: "psycopg.Connection[Any]", account: str, name: str, on: date, why: str, *, dry_run: bool = False
) -> bool:
    """
    Follow a measure no longer, from a day on; False when it has ended so already.

    One statement: killed anywhere it is done or not, and again it changes nothing. Raises UpkeepError when there is none of this
    name, it was taken later, or it has ended otherwise.
    """
    known = {each.name: each for each in measures_of(connection, account)}
    if name not in known:
        raise UpkeepError(f'{account} has no measure "{name}"{nearest(name, known)}: `upkeep cost measure list {account}`')
    measure = known[name]
    if measure.ended_on:
        if (measure.ended_on, measure.ended_why) == (on, clean(why)):
            return False
        raise UpkeepError(f'"{name}" has ended on {measure.ended_on} already: {measure.ended_why}')
    if on < measure.taken_on:
        raise UpkeepError(f'"{name}" was taken on {measure.taken_on}: it cannot end on {on}, before it')
    if not dry_run:
        with translate_errors():
            about = {"account": account, "name": name, "on": on, "why": clean(why)}
            return connection.execute(sql("end_measure"), about).rowcount == 1
    return True


def _same_opportunity(one: Measure, other: Measure) -> bool:
    return other.opportunity is not None and one.opportunity == other.opportunity


def _refuse_other(measure: Measure, known: list[Measure]) -> None:
    for each in known:
        if each.name == measure.name and (found := each.differences(measure)):
            raise UpkeepError(
                f'{measure.account} has a measure "{measure.name}" already, with {"; ".join(found)}: '
                "give the new one another name, or end the old one"
            )
        if each.name != measure.name and _same_opportunity(each, measure):
            raise UpkeepError(f'opportunity {measure.opportunity} is taken up by measure "{each.name}" already')
