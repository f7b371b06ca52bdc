"""
The second witness of a restore: what pg_dump and pg_dumpall write of the original and of its copy, statement by statement.

It knows no kinds: whatever PostgreSQL's own programs would restore is compared. Both texts must come from the same program.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from upkeep.backups import programs
from upkeep.backups.definitions import Definitions
from upkeep.backups.script import NAME, Statement, statements
from upkeep.sources.postgres import Endpoint

_SECRET = re.compile(r"CREATE (?:SERVER|USER MAPPING|SUBSCRIPTION|FOREIGN)|ALTER (?:SERVER|USER MAPPING|SUBSCRIPTION|FOREIGN)")
_STRING = re.compile(r"[eE]?'(?:[^']|'')*'")
_RIGHTS = re.compile(r"GRANT |REVOKE |ALTER DEFAULT PRIVILEGES ")
_OWNER = re.compile(rf"ALTER .* OWNER TO {NAME}", re.DOTALL)
_ROLE = re.compile(rf"(?<= OWNER TO )({NAME})|(?<=^CREATE USER MAPPING FOR )({NAME})|(?<= FOR ROLE )({NAME})")
_POLICY = re.compile(rf"(CREATE POLICY .*? TO )((?:{NAME}(?:, )?)+)(.*)", re.DOTALL)
_SUBSCRIPTION = re.compile(r"(?:CREATE|ALTER|COMMENT ON|SECURITY LABEL FOR \S+ ON) SUBSCRIPTION ")
_LARGE_OBJECT = re.compile(
    r"SELECT pg_catalog\.lo_create\(|(?:ALTER|COMMENT ON|(?:GRANT|REVOKE) .* ON|SECURITY LABEL .* ON) LARGE OBJECT "
)
_QUOTED_PLAIN = re.compile(r'"([a-z_][a-z0-9_$]*)"')
_RESTRICT = re.compile(r"^\\restrict (\w{32,})$", re.MULTILINE)
_SHOWN = 80


def dump_definitions(endpoint: Endpoint, folder: Path, to: Path, encoding: str = "UTF8") -> None:
    """Write a database's definitions as a backup does. `folder` holds the programs. Raises BrokenError."""
    with endpoint.connect("upkeep definitions") as connection:
        major = connection.info.server_version // 10000
    Definitions(endpoint, "upkeep definitions", folder, major).dump(to, encoding=encoding)


def definitions_of(archive: Path, pg_restore: Path) -> str:
    """The text of an archive. Bytes that are not UTF-8, from a database in another encoding, are kept as they are."""
    return programs.run(pg_restore, "-f", "-", str(archive), env={"LC_ALL": "C.UTF-8"})


def compare_scripts(
    expected: str,
    found: str,
    *,
    roles: Mapping[str, str] | None = None,
    no_owner: bool = False,
    subscriptions: bool = False,
    tablespaces: bool = True,
    large_objects: bool = True,
) -> tuple[str, ...]:
    """
    What differs between two texts, in lines for people.

    `roles` were mapped old to new, `no_owner` means that owners and rights were left out, as were subscriptions and tablespaces
    and, in a twin, large objects. With mapped roles rights are left to the catalogue's entries, since whose they are decides how
    they are written.
    """
    if not roles and _without_key(expected) == _without_key(found):
        return ()
    meant = _Meant(
        dict(roles or {}), no_owner=no_owner, subscriptions=subscriptions, tablespaces=tablespaces, large_objects=large_objects
    )
    want, have = Counter(meant.kept(expected, mapped=True)), Counter(meant.kept(found, mapped=False))
    lost, more = list((want - have).elements()), list((have - want).elements())
    return tuple(_lines(lost, more))


def _without_key(script: str) -> str:
    """A text without the random key between which psql is restricted: it differs in every text."""
    key = _RESTRICT.search(script)
    return script.replace(key[1], "") if key else script


@dataclass(frozen=True, slots=True)
class _Meant:
    """What was to differ."""

    roles: dict[str, str]
    no_owner: bool
    subscriptions: bool
    tablespaces: bool
    large_objects: bool

    def kept(self, script: str, *, mapped: bool) -> Iterator[Statement]:
        """The statements that are to be the same."""
        for statement in statements(script):
            if self._is_kept(statement.text):
                yield self._plain(statement, mapped=mapped)

    def _is_kept(self, text: str) -> bool:
        if not self.subscriptions and _SUBSCRIPTION.match(text):
            return False
        if not self.large_objects and _LARGE_OBJECT.match(text):
            return False
        if (self.no_owner or self.roles) and _RIGHTS.match(text):
            return False
        return not (self.no_owner and _OWNER.fullmatch(text))

    def _plain(self, statement: Statement, *, mapped: bool) -> Statement:
        context = statement.context
        if self.no_owner or self.roles:
            context = tuple(part for part in context if not part.startswith("as "))
        if not self.tablespaces:
            context = tuple(part for part in context if not part.startswith("in tablespace "))
        text = self._mapped(statement.text) if mapped and self.roles else statement.text
        if self.roles:  # whether a role's name is quoted depends on the name
            text = _QUOTED_PLAIN.sub(r"\1", text)
        return replace(statement, text=text, context=context)

    def _mapped(self, text: str) -> str:
        if policy := _POLICY.fullmatch(text):
            return policy[1] + ", ".join(map(self._role, re.findall(NAME, policy[2]))) + policy[3]
        return _ROLE.sub(lambda match: self._role(match[0]), text)

    def _role(self, name: str) -> str:
        plain = name[1:-1].replace('""', '"') if name.startswith('"') else name
        new = self.roles.get(plain)
        if new is None:
            return name
        quoted = '"' + new.replace('"', '""') + '"'
        return quoted if name.startswith('"') or not re.fullmatch(r"[a-z_][a-z0-9_]*", new) else new


def _lines(lost: list[Statement], more: list[Statement]) -> Iterator[str]:
    others: dict[str, list[Statement]] = {}
    for statement in more:
        others.setdefault(statement.head, []).append(statement)
    for statement in lost:
        same = others.get(statement.head)
        yield _changed(statement, same.pop(0)) if same else f"{_named(statement)} is missing"
    for statement in (each for left in others.values() for each in left):
        yield f"{_named(statement)} is there, the backup has none"


def _named(statement: Statement) -> str:
    """The whole of a short statement, as it tells most; else what it is about."""
    text = _unsecret(statement.text)
    text = text if len(text) <= _SHOWN else statement.head
    return _printable(" ".join(["statement", text[:300], *(f"({part})" for part in statement.context)]))


def _changed(old: Statement, new: Statement) -> str:
    was, now = (_unsecret(" ".join([s.text, *(f"({part})" for part in s.context)])) for s in (old, new))
    if was == now:
        return _printable(f"statement {old.head} has other options, which may be secret")
    place = next((i for i, (a, b) in enumerate(zip(was, now, strict=False)) if a != b), min(len(was), len(now)))
    place = max(was.rfind(" ", 0, place) + 1, was.rfind("\n", 0, place) + 1, place - 40, 0)
    return _printable(f"statement {old.head} reads “{_cut(now, place)}”, in the backup “{_cut(was, place)}”")


def _cut(text: str, place: int) -> str:
    part = " ".join(text[place : place + _SHOWN].split())
    return f"{part}…" if len(text) > place + _SHOWN else part or "(its end)"


def _unsecret(text: str) -> str:
    return _STRING.sub("'…'", text) if _SECRET.match(text) else text


def _printable(text: str) -> str:
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
