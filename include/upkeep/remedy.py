"""
What to do about a finding, taken apart: what pastes into a shell or a SQL session, and the words around it.

Duties write one text: statements that end in a semicolon, commands, and words around them, mostly as SQL comments. Who copies
wants the statements alone; who reads wants to see which is which.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

Kind = Literal["sql", "command", "words"]
HOLDS = timedelta(hours=1)
"""How long a process id may be acted upon: later it may be another's."""

_NAMED = r"(?:\s*\([^)]*\))?(?:\s+[\w.$\"]+)?(?:\s*\([^)]*\))?\s*;"
_RELATIONS = r"table|sequence|index|(?:materialized )?view|function|routine|schema|extension"
_ROLES = r"role|user|database|domain|collation|event trigger|publication|subscription"
_KINDS = rf"(?:{_RELATIONS}|{_ROLES})"
# Each with enough of what follows that an English sentence is not taken for it.
_VERBS = (
    rf"alter (?:system|default|{_KINDS})\b",
    rf"create (?:unique )?(?:statistics|{_KINDS})\b",
    rf"drop (?:owned|{_KINDS}) ",
    r"comment on ", r"(?:commit|rollback) prepared ", r"refresh materialized view ", r"reassign owned ", r"select ",
    r"reindex (?:\(|index|table|schema|database|system)",
    r"explain (?:\(|select|with|update|insert|delete|analyze|merge|values|table)",
    rf"(?:analyze|cluster|checkpoint|begin|commit|truncate|reset|vacuum|discard){_NAMED}",
    r"vacuum (?:full|freeze|verbose|analyze)\b",
    r"grant [^;]+ to ", r"revoke [^;]+ from ", r"with (?:recursive )?[\w\"]+ as ", r"set [\w. ]+(?:=| to ) ?\S+;",
    r"update \S+ set ", r"(?:delete from|insert into) ", r"call [\w.]+\(", r"do \$",
)  # fmt: skip
_BEGINS = re.compile(rf"(?:{'|'.join(_VERBS)})", re.IGNORECASE)
_QUOTED = r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|\$(?P<tag>\w*)\$.*?\$(?P=tag)\$|/\*.*?\*/"""
_STATEMENT = re.compile(rf"(?:{_QUOTED}|(?! --\s)[^;'\"])+?;", re.DOTALL)
_COMMAND = re.compile(r"(?:upkeep|psql|pg_\w+|pgbackrest|barman|airflow|make|openssl|systemctl) (?:(?! -- |; |, then )[^\n])+")
_COMMANDS = ("upkeep ", "psql ", "pg_checksums ", "pgbackrest ", "barman ", "airflow ", "make ", "openssl ", "systemctl ")
# Where something to paste may begin: at the start, on a new line, or after words that announce it.
_STARTS = re.compile(r"\A|\n|(?<=: )|(?<=; )|(?<=then )|(?<=, or )|(?<=or: )|(?<=-- )")
_GRANT = re.compile(r"(?:grant|revoke) [^;\n]+ (?:to|from) [^\s;]+", re.IGNORECASE)
_PROCESS = re.compile(r"pg_(?:terminate|cancel)_backend\s*\(\s*\d|\bpid\s*=?\s*\d|\bkill(?:\s+-\w+)?\s+\d", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a remedy: `sql` and `command` paste as they are, `words` are for people."""

    kind: Kind
    text: str


def parts(text: str) -> tuple[Part, ...]:
    """The pieces in their order; statements on end are one piece, a line each."""
    if _GRANT.fullmatch(text.strip(" ;\n")):
        return (Part("sql", text.strip(" ;\n") + ";"),)
    return tuple(_merged(_pieces(text)))


def momentary(text: str) -> bool:
    """Whether it names a process by its id, so that it is true only for as long as that process lives."""
    return bool(_PROCESS.search(text))


def holds(text: str, asked_at: datetime, now: datetime) -> bool:
    """Whether what was said at `asked_at` may still be acted upon."""
    return not momentary(text) or now - asked_at <= HOLDS


def _pieces(text: str) -> Iterator[Part]:
    place = done = 0
    while place <= len(text):
        start = _STARTS.search(text, place)
        if not start:
            break
        begin = start.end() + len(text[start.end() :]) - len(text[start.end() :].lstrip())
        found = _paste(text, begin)
        if found:
            yield Part("words", text[done:begin])
            yield found
            place = done = begin + len(found.text)
            continue
        place = start.end() + 1
    yield Part("words", text[done:])


def _paste(text: str, begin: int) -> Part | None:
    if _BEGINS.match(text, begin):
        statement = _STATEMENT.match(text, begin)
        return Part("sql", statement.group()) if statement else None
    if text.startswith(_COMMANDS, begin):
        command = _COMMAND.match(text, begin)
        return Part("command", command.group()) if command else None
    return None


def _merged(pieces: Iterator[Part]) -> Iterator[Part]:
    held: Part | None = None
    for piece in pieces:
        text = _tidy(piece.text) if piece.kind == "words" else piece.text.strip()
        if not text:
            continue
        if held and held.kind == piece.kind == "sql":
            held = Part("sql", f"{held.text}\n{text}")
            continue
        if held:
            yield held
        held = Part(piece.kind, text)
    if held:
        yield held


def _tidy(text: str) -> str:
    """Without the signs of SQL comments, and without what only joined it to a statement."""
    lines = (re.sub(r"^\s*--\s*", "", line) for line in text.splitlines())
    return " ".join(" ".join(lines).split()).strip(" ;,") if text.strip(" ;,-\n") else ""
