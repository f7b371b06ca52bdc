"""
A restored database against its backup: pure, in lines for people.

Two witnesses are heard: the catalogue's entries, and the text of pg_dump. Within one major version both are compared exactly. On
another major version the server words things anew; there the copy is compared with a twin, which the same definitions made on a
server of that version (see twin.py), and the twin of the backup's own version with the backup. Without twins the entries are
compared loosely, and the result says so.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from upkeep.backups.compare_entries import LEFT_OUT, How, Meant, compare_entries, compare_roles, short
from upkeep.backups.manifest import Content, Entry, Manifest
from upkeep.backups.witness import compare_scripts
from upkeep.humanize import plural

__all__ = ["LEFT_OUT", "Compared", "Found", "Meant", "Twin", "TwinOf", "compare"]

_MAINTAIN_SINCE = 17
EXACT, CATALOGUE_ALONE = "exact", "exact by the catalogue, without the text of pg_dump"
_FACTS = {
    "encoding": "encoding",
    "locale_provider": "locale provider",
    "collate": "collation",
    "ctype": "character types",
    "locale": "locale",
    "icu_rules": "ICU rules",
    "connection_limit": "connection limit",
    "comment": "comment",
    "is_template": "mark as a template",
    "allow_connections": "readiness for connections",
    "flags": "other properties",
}
# What a database that was there before may have of its own.
_OF_THE_PLACE = frozenset({"locale_provider", "collate", "ctype", "locale", "icu_rules"})
# Facts that only some versions have.
_WITH_VERSION = frozenset({"flags"})
# What a twin, which has no rows and stands on another machine, says nothing about.
_NOT_OF_TWINS = frozenset({"large objects", "collation version", "extension version", "database"})
_OF_LARGE_OBJECTS = "large object "


@dataclass(frozen=True, slots=True)
class Found:
    """A restored database, measured as a manifest is. `script` is the text of its definitions, by the backup's own pg_dump."""

    server_version: int
    contents: tuple[Content, ...]
    sequences: Mapping[str, str]
    entries: tuple[Entry, ...]
    database: Mapping[str, Any]
    script: str | None = None


@dataclass(frozen=True, slots=True)
class TwinOf:
    """What a server of one major version makes of a backup's definitions; `script` as in Found."""

    server_version: int
    entries: tuple[Entry, ...]
    script: str | None = None


@dataclass(frozen=True, slots=True)
class Twin:
    """The twins on the backup's own major version and on the copy's. `lacking` says why one is missing."""

    own: TwinOf | None = None
    there: TwinOf | None = None
    lacking: str = ""


@dataclass(frozen=True, slots=True)
class Compared:
    """
    `differences` fail a restore; `uncertain` could not be judged by a program.

    `exactness` is how definitions were compared: "exact", or in words what was not.
    """

    differences: tuple[str, ...]
    uncertain: tuple[str, ...]
    exactness: str = EXACT


def compare(
    expected: Manifest, found: Found, meant: Meant | None = None, twin: Twin | None = None, script: str | None = None
) -> Compared:
    """
    Every difference between a backup and its restored copy.

    `script` is the text of the backup's definitions; it is compared with the copy's where both are of one major version.
    """
    comparing = _Comparing(expected, found, meant or Meant(), twin or Twin(lacking="no twin was made"), script)
    lines = list(dict.fromkeys(comparing.lines()))
    certain = dict.fromkeys(line for sure, line in lines if sure)
    uncertain = dict.fromkeys(line for sure, line in lines if not sure and line not in certain)
    return Compared(tuple(certain), tuple(uncertain), comparing.exactness)


@dataclass(frozen=True, slots=True)
class _Comparing:
    expected: Manifest
    found: Found
    meant: Meant
    twin: Twin
    script: str | None

    @property
    def one_version(self) -> bool:
        """Whether backup and copy are of one major version."""
        return self.expected.server_version == self.found.server_version

    @property
    def has_twins(self) -> bool:
        """Whether both twins are there."""
        return self.twin.own is not None and self.twin.there is not None

    @property
    def exactness(self) -> str:
        """How definitions are compared, in words."""
        if self.one_version:
            return CATALOGUE_ALONE if self.script is None or self.found.script is None else EXACT
        return EXACT if self.has_twins else f"data proven, definitions compared loosely ({self.twin.lacking})"

    def lines(self) -> Iterator[tuple[bool, str]]:
        """Every difference, and whether it is certain."""
        expected, found, meant = self.expected, self.found, self.meant
        yield from ((True, line) for line in _contents(expected.contents, found.contents))
        yield from ((True, line) for line in _sequences(expected.sequences, found.sequences))
        yield from self._entries()
        yield from ((True, line) for line in self._scripts())
        roles = compare_roles(expected.entries, found.entries, meant, exactly=self.one_version)
        yield from ((meant.globals, line) for line in roles)
        yield from _facts(expected.database, found.database, meant, one_version=self.one_version)

    def _entries(self) -> Iterator[tuple[bool, str]]:
        expected, found, twin = self.expected, self.found, self.twin
        how = How(
            exactly=self.one_version,
            before_maintain=expected.server_version < _MAINTAIN_SINCE,
            defaults=found.database.get("extension_defaults") or {},
        )
        if self.one_version or not self.has_twins:
            yield from compare_entries(expected.entries, found.entries, self.meant, how)
        else:
            alike = [entry for entry in expected.entries if entry.kind in _NOT_OF_TWINS]
            there = [entry for entry in found.entries if entry.kind in _NOT_OF_TWINS]
            yield from compare_entries(alike, there, self.meant, how)
        if not self.one_version and twin.own:
            pair = _of_twins(expected.entries), _of_twins(twin.own.entries)
            for sure, line in compare_entries(*pair, Meant(), How()):
                yield sure, f"the stored definitions, on PostgreSQL {twin.own.server_version}: {line}"
        if not self.one_version and twin.there:
            yield from compare_entries(_of_twins(twin.there.entries), _of_twins(found.entries), self.meant, How())

    def _scripts(self) -> Iterator[str]:
        there = self.twin.there.script if self.twin.there else None
        script = self.script if self.one_version else there
        if script is None or self.found.script is None:
            return
        yield from compare_scripts(
            script,
            self.found.script,
            roles=self.meant.roles,
            no_owner=self.meant.owner is not None,
            subscriptions="subscription" not in self.meant.left_out,
            tablespaces="tablespace" not in self.meant.left_out,
            large_objects=self.one_version,
        )


def _of_twins(entries: Iterable[Entry]) -> list[Entry]:
    return [
        entry
        for entry in entries
        if entry.kind not in _NOT_OF_TWINS
        and not (entry.kind in {"comment", "security label"} and _OF_LARGE_OBJECTS in entry.key)
    ]


def _contents(expected: Iterable[Content], found: Iterable[Content]) -> Iterator[str]:
    there = {content.key: content for content in found}
    for content in expected:
        have = there.pop(content.key, None)
        name = content.key if content.key == "large objects" else f"table {content.key}"
        if have is None:
            yield f"{name} is missing, the backup had {plural(content.rows, 'row')}"
        elif have.rows != content.rows:
            yield f"{name}: {plural(have.rows, 'row')}, the backup had {content.rows}"
        elif have.digest != content.digest:
            yield f"{name}: {plural(have.rows, 'row')} as in the backup, but with other values"
    for key, content in there.items():
        yield f"table {key} with {plural(content.rows, 'row')} is there, the backup has none"


def _sequences(expected: Mapping[str, str], found: Mapping[str, str]) -> Iterator[str]:
    for key, value in expected.items():
        if key not in found:
            yield f"sequence {key} is missing"
        elif found[key] != value:
            yield f"sequence {key} stands at {_format_sequence(found[key])}, in the backup at {_format_sequence(value)}"


def _format_sequence(value: str) -> str:
    number, _, called = value.partition(",")
    return number if called == "t" else f"{number} (not used yet)"


def _facts(
    expected: Mapping[str, Any], found: Mapping[str, Any], meant: Meant, *, one_version: bool
) -> Iterator[tuple[bool, str]]:
    for key, label in _FACTS.items():
        # A manifest of before has not all of them.
        if key in expected and expected[key] != found.get(key) and (one_version or key not in _WITH_VERSION):
            is_sure = not (meant.own_locale and key in _OF_THE_PLACE)
            yield is_sure, f"the database's {label} is {short(found.get(key))}, in the backup {short(expected.get(key))}"
    versions = expected.get("collation_version"), found.get("collation_version")
    if "collation_version" in expected and versions[0] != versions[1]:
        yield False, f"the version of the database's collation is {short(versions[1])}, in the backup {short(versions[0])}"
    want = {meant.roles.get(role, role): settings for role, settings in expected.get("settings", {}).items()}
    have = found.get("settings", {})
    for role in sorted(want.keys() | have.keys()):
        if sorted(want.get(role) or []) != sorted(have.get(role) or []):
            whose = f"of role {role} in the database" if role else "of the database"
            yield True, f"settings {whose} are {short(have.get(role))}, in the backup {short(want.get(role))}"
