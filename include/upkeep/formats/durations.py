"""Statements with their durations, from the entries of a log; plans of auto_explain joined to the statement they belong to."""

import re
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from upkeep.formats.log_entries import Entry
from upkeep.formats.plans import query_of

MOST_SESSIONS = 500
_DURATION = re.compile(
    r"duration: (\d+)\.(\d{3}) ms(?:  (statement|plan|(?:parse|bind|execute(?: fetch from)?) [^:]*):\s?)?", re.DOTALL
)
_LOGGED = re.compile(r"(?:statement|execute [^:]*): ")


@dataclass(frozen=True, slots=True)
class Timed:
    """
    One statement that took a time (microseconds).

    `runs` is 0 for the parse and bind steps of the extended protocol, whose time counts but which are no call. `text` is None
    where the log has none. `plan` is auto_explain's output as it was logged, constants and all.
    """

    at: datetime
    micros: int
    runs: int
    text: str | None
    session: str = ""
    user: str | None = None
    database: str | None = None
    plan: str | None = None


def timed(entries: Iterable[Entry]) -> Iterator[Timed]:
    """
    Statements in about the order in which they ended; always in the same for the same entries.

    auto_explain writes a plan before the duration of the same statement in the simple protocol, after it in the extended one:
    both entries become one statement. A plan that finds no such entry counts by itself. A duration without text (log_duration)
    gets the text that the session logged before it (log_statement).
    """
    held: OrderedDict[str, Timed] = OrderedDict()
    texts: OrderedDict[str, str] = OrderedDict()
    for entry in entries:
        match = _DURATION.match(entry.message)
        if match is None:
            if _LOGGED.match(entry.message):
                _keep(texts, entry.session, _LOGGED.sub("", entry.message, count=1))
            continue
        found = _timed(entry, match)
        if found.text is None and found.plan is None:
            found = replace(found, text=texts.pop(entry.session, None))
        if found.runs:
            yield from _hold(held, found)
        else:
            yield found
    yield from held.values()


def _hold(held: OrderedDict[str, Timed], found: Timed) -> Iterator[Timed]:
    """Keep one statement a session back, until the other half of it or another one comes."""
    before = held.pop(found.session, None)
    if before and _halves(before, found):
        statement, plan = (found, before) if before.plan else (before, found)
        yield replace(statement, plan=plan.plan)
        return
    if before:
        yield before
    if len(held) >= MOST_SESSIONS:
        yield held.popitem(last=False)[1]
    held[found.session] = found


def _halves(one: Timed, other: Timed) -> bool:
    if (one.plan is None) == (other.plan is None):
        return False
    plan, statement = (one, other) if one.plan else (other, one)
    return plan.micros <= statement.micros and _same(plan.text, statement.text)


def _timed(entry: Entry, match: re.Match[str]) -> Timed:
    whole, thousandths, kind = match.groups()
    rest = entry.message[match.end() :]
    plan = rest if kind == "plan" else None
    text = None if kind is None else query_of(rest) if kind == "plan" else rest
    runs = 0 if kind and kind.startswith(("parse ", "bind ")) else 1
    return Timed(entry.at, int(whole) * 1000 + int(thousandths), runs, text, entry.session, entry.user, entry.database, plan)


def _same(one: str | None, other: str | None) -> bool:
    return one is None or (other is not None and one.split() == other.split())


def _keep(texts: OrderedDict[str, str], session: str, text: str) -> None:
    texts[session] = text
    texts.move_to_end(session)
    if len(texts) > MOST_SESSIONS:
        texts.popitem(last=False)
