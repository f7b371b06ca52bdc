"""What entries of a log say about durations: steps of calls, and plans of auto_explain."""

import re
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import IntEnum

from upkeep.formats.log_entries import Entry
from upkeep.formats.plans import query_of

MOST_SESSIONS = 500
# How far the beginning of a duration may be from the text that was logged before it.
SOON = timedelta(seconds=2)
MOST_COLONS = 8
_DURATION = re.compile(r"duration: (\d+)\.(\d{3}) ms(?:\Z|\s+)")
_STEP = re.compile(r"(parse|bind|execute fetch from|execute) ")
_STATEMENT, _PLAN = "statement: ", "plan:"
_COMMAND = re.compile(
    r"[\s(]*(?:;|--|/\*|\Z|(?:select|insert|update|delete|merge|with|values|table|begin|start|commit|end|rollback|abort|savepoint"
    r"|release|prepare|execute|deallocate|declare|fetch|move|close|set|reset|show|explain|analyze|vacuum|copy|call|do|create|alter"
    r"|drop|truncate|grant|revoke|comment|lock|listen|notify|unlisten|refresh|reindex|cluster|discard|checkpoint|load|import"
    r"|security|reassign)\b)",
    re.IGNORECASE,
)


class Step(IntEnum):
    """Steps of a call in the extended protocol, in their order; or a whole one in the simple protocol, or a plan."""

    PARSE = 0
    BIND = 1
    EXECUTE = 2
    FETCH = 3
    WHOLE = 4
    PLAN = 5


_STEPS = {"parse": Step.PARSE, "bind": Step.BIND, "execute": Step.EXECUTE, "execute fetch from": Step.FETCH}


@dataclass(frozen=True, slots=True)
class Timed:
    """
    Something that took a time (microseconds) and ended at `at`. `text` is None where the log has none.

    `plan` is auto_explain's output as it was logged, constants and all.
    """

    at: datetime
    micros: int
    text: str | None
    session: str = ""
    user: str | None = None
    database: str | None = None
    plan: str | None = None
    step: Step = Step.WHOLE

    @property
    def begin(self) -> datetime:
        """When it began."""
        return self.at - timedelta(microseconds=self.micros)


def steps(entries: Iterable[Entry]) -> Iterator[Timed]:
    """
    Everything that has a duration, in the order of the log.

    A duration without text (log_duration) gets the text that its session logged when it began (log_statement). Where the log does
    not tell sessions apart, or the session failed in between, or began something else, it stays without: never another's.
    """
    texts: OrderedDict[str, Entry] = OrderedDict()
    for entry in entries:
        match = _DURATION.match(entry.message)
        if match:
            found = _timed(entry, match)
            bare = found.text is None and match.end() == len(entry.message)
            yield replace(found, text=_text_of(found, texts.pop(entry.session, None))) if bare else found
        elif entry.failed:
            texts.pop(entry.session, None)
        elif entry.session and _logged(entry.message) is not None:
            texts[entry.session] = entry
            texts.move_to_end(entry.session)
            if len(texts) > MOST_SESSIONS:
                texts.popitem(last=False)


def _text_of(found: Timed, logged: Entry | None) -> str | None:
    return _logged(logged.message) if logged and abs(found.begin - logged.at) <= SOON else None


def _logged(message: str) -> str | None:
    """What log_statement logged."""
    if message.startswith(_STATEMENT):
        return message[len(_STATEMENT) :]
    return _behind_name(message[len("execute ") :]) if message.startswith("execute ") else None


def _timed(entry: Entry, match: re.Match[str]) -> Timed:
    micros, rest = int(match[1]) * 1000 + int(match[2]), entry.message[match.end() :]
    found = Timed(entry.at, micros, None, entry.session, entry.user, entry.database)
    if rest.startswith(_STATEMENT):
        return replace(found, text=rest[len(_STATEMENT) :])
    if rest.startswith(_PLAN):
        plan = rest[len(_PLAN) :].lstrip()
        return replace(found, text=query_of(plan), plan=plan, step=Step.PLAN)
    step = _STEP.match(rest)
    return replace(found, text=_behind_name(rest[step.end() :]), step=_STEPS[step[1]]) if step else found


def _behind_name(rest: str) -> str | None:
    """The statement behind a name and a colon. A name may hold colons: the first behind which a command begins ends it."""
    first, at = None, -1
    for _ in range(MOST_COLONS):
        at = rest.find(": ", at + 1)
        if at < 0:
            break
        if _COMMAND.match(rest, at + 2):
            return rest[at + 2 :]
        first = at if first is None else first
    return None if first is None else rest[first + 2 :]
