"""The owner's questions to a copy: right, wrong, or broken, which is never right."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from upkeep.answer import Finding, Severity
from upkeep.drills.outcome import Seen
from upkeep.drills.reader import reading
from upkeep.errors import UpkeepError
from upkeep.sources.postgres import Endpoint
from upkeep.targets.recovery import SmokeQuery

if TYPE_CHECKING:
    import psycopg

RIGHT, WRONG, BROKEN = "right", "wrong", "broken"
_LONGEST = 100
_NO_ROW = object()


@dataclass(frozen=True, slots=True)
class SmokeAnswer:
    """What came of one query: "right", "wrong" or "broken", with what was found."""

    query: SmokeQuery
    verdict: str
    text: str


def ask(reader: Endpoint, query: SmokeQuery) -> SmokeAnswer:
    """Put one query, in a session of its own. Whatever goes wrong is said, not raised."""
    import psycopg

    try:
        with reading(reader, query.timeout_s) as connection:
            value = _first_value(connection, query.sql)
    except (psycopg.Error, UpkeepError) as error:
        return SmokeAnswer(query, BROKEN, " ".join(str(error).split())[:300])
    verdict = RIGHT if value is not _NO_ROW and fits(query, value) else WRONG
    return SmokeAnswer(query, verdict, "no row" if value is _NO_ROW else _shown(value))


def _first_value(connection: "psycopg.Connection[Any]", sql: str) -> Any:
    # What is prepared is one statement: nothing can be smuggled in behind it.
    statement: Any = sql
    with connection.transaction():
        row = connection.execute(statement, prepare=True).fetchone()
    return row[0] if row else _NO_ROW


def fits(query: SmokeQuery, value: Any) -> bool:
    """Whether a value is what the query expects. Numbers are compared as numbers, all else as the text it is shown as."""
    number = _number(value)
    if query.expect is not None:
        return _same(query.expect, value, number)
    low = query.at_least is None or (number is not None and number >= Decimal(str(query.at_least)))
    high = query.at_most is None or (number is not None and number <= Decimal(str(query.at_most)))
    return low and high


def _same(expected: float | str, value: Any, number: Decimal | None) -> bool:
    if isinstance(expected, bool):
        return value is expected
    if not isinstance(expected, str):
        return number is not None and number == Decimal(str(expected))
    return value is not None and _shown(value) == expected


def _number(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return None if number.is_nan() else number


def _shown(value: Any) -> str:
    return str(value)[:_LONGEST] if value is not None else "null"


def _expected(query: SmokeQuery) -> str:
    if query.expect is not None:
        return _shown(query.expect)
    limits = [("at least", query.at_least), ("at most", query.at_most)]
    return " and ".join(f"{word} {limit:g}" for word, limit in limits if limit is not None)


def judge(given: Iterable[SmokeAnswer], seen: Seen, about: str) -> None:
    """Add what the queries found: a wrong answer is a finding, a broken query leaves it unknown."""
    answers = list(given)
    seen.columns["smoke"] = {each.query.name: {"verdict": each.verdict, "found": each.text} for each in answers}
    for each in answers:
        if each.verdict == WRONG:
            seen.findings.append(_finding(each, about))
        elif each.verdict == BROKEN:
            seen.unsure.append(f'smoke query "{each.query.name}" could not be answered by the {about}: {each.text}')


def _finding(answer: SmokeAnswer, about: str) -> Finding:
    return Finding(
        rule="smoke_wrong",
        object=answer.query.name,
        severity=Severity.HIGH,
        title=f'the {about}, restored, answers "{answer.query.name}" with {answer.text}, not {_expected(answer.query)}',
        remedy="ask the production database the same; if it answers rightly, see what the backup leaves out (its manifest's "
        "not_covered), else correct the data or what the inventory expects",
        details={"sql": answer.query.sql[:500]},
    )
