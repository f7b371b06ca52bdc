"""
A restored database against the manifest of its backup: pure, in lines for people.

Everything is compared exactly. Only what the server itself puts into words (views, rules, policies, expressions) may read
differently on another major version: there it is compared without white space, parentheses, qualifiers and casts, and what still
differs is named as uncertain instead of wrong.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from upkeep.backups.manifest import Content, Entry, Manifest
from upkeep.quantity import plural

_MAINTAIN_SINCE = 17
# Left out on purpose by every restore: a copy that subscribed would take changes away from the original.
LEFT_OUT = frozenset({"subscription"})
_FACTS = {
    "encoding": "encoding",
    "locale_provider": "locale provider",
    "collate": "collation",
    "ctype": "character types",
    "locale": "locale",
    "icu_rules": "ICU rules",
    "connection_limit": "connection limit",
    "comment": "comment",
}
# What a database that was there before may have of its own.
_OF_THE_PLACE = frozenset({"locale_provider", "collate", "ctype", "locale", "icu_rules"})


@dataclass(frozen=True, slots=True)
class Found:
    """A restored database, measured as a manifest is."""

    server_version: int
    contents: tuple[Content, ...]
    sequences: Mapping[str, str]
    entries: tuple[Entry, ...]
    database: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Meant:
    """
    What was to differ: `roles` old to new, `owner` of everything (then no grants), kinds of entries that were left out.

    `own_locale` says that the database was there before and keeps its locale.
    """

    roles: Mapping[str, str] = field(default_factory=dict)
    owner: str | None = None
    left_out: frozenset[str] = LEFT_OUT
    own_locale: bool = False


@dataclass(frozen=True, slots=True)
class Compared:
    """`differences` fail a restore; `uncertain` could not be judged by a program."""

    differences: tuple[str, ...]
    uncertain: tuple[str, ...]


def compare(expected: Manifest, found: Found, meant: Meant | None = None) -> Compared:
    """Every difference between a backup and its restored copy."""
    meant = meant or Meant()
    wrong = [*_contents(expected.contents, found.contents), *_sequences(expected.sequences, found.sequences)]
    unsure: list[str] = []
    for is_sure, line in _entries(expected, found, meant):
        (wrong if is_sure else unsure).append(line)
    for is_sure, line in _facts(expected.database, found.database, meant):
        (wrong if is_sure else unsure).append(line)
    return Compared(tuple(wrong), tuple(unsure))


def plain(definition: str) -> str:
    """A definition without what the wording of another major version may add or leave out."""
    text = re.sub(
        r'::(?:"[^"]+"|[a-z]+)(?:\."[^"]+")?(?: (?:varying|precision|with(?:out)? time zone))?(?:\([\d,]+\))?(?:\[\])?',
        "",
        definition,
    )
    text = re.sub(r'"(?:[^"]|"")+"\.', "", text)
    return re.sub(r"[\s()]+", "", text).replace('"', "").lower()


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
            yield f"sequence {key} stands at {_said(found[key])}, in the backup at {_said(value)}"


def _said(value: str) -> str:
    number, _, called = value.partition(",")
    return number if called == "t" else f"{number} (not used yet)"


def _entries(expected: Manifest, found: Found, meant: Meant) -> Iterator[tuple[bool, str]]:
    other_major = expected.server_version != found.server_version
    before_maintain = expected.server_version < _MAINTAIN_SINCE
    left_out = _left_out(meant)
    want = {_identity(e): e for e in (_meant(e, meant) for e in expected.entries) if e.kind not in left_out}
    have = {_identity(e): e for e in found.entries if e.kind not in left_out}
    for identity in sorted(want.keys() | have.keys()):
        old, new = want.get(identity), have.get(identity)
        if old is None or new is None:
            yield True, f"{_named(old or new)} {'is missing' if old else 'is there, the backup has none'}"
            continue
        yield from ((True, line) for line in _rights(old, new, meant, before_maintain=before_maintain))
        if old.definition != new.definition:
            may_be_wording = other_major and old.worded
            if not (may_be_wording and plain(old.definition) == plain(new.definition)):
                yield from ((not may_be_wording, line) for line in _definitions(old, new))


def _left_out(meant: Meant) -> frozenset[str]:
    # Large objects are counted by owner and grants; where these change, their content alone is compared.
    counted = {"large objects"} if meant.roles or meant.owner is not None else set[str]()
    return meant.left_out | counted | ({"default privileges"} if meant.owner is not None else set())


def _identity(entry: Entry) -> tuple[str, str, str]:
    # The role is part of what these are.
    by_role = entry.kind in {"default privileges", "user mapping", "large objects"}
    return entry.kind, entry.key, entry.owner if by_role else ""


def _meant(entry: Entry, meant: Meant) -> Entry:
    owner = meant.roles.get(entry.owner, entry.owner)
    grants = {f"{meant.roles.get(role, role)}={privilege}" if sign else line
              for line in entry.grants for role, sign, privilege in [line.rpartition("=")]}  # fmt: skip
    if meant.owner is not None and entry.owner:
        owner = owner if entry.kind == "user mapping" else meant.owner
    own = {line for line in grants if owner and line.rpartition("=")[0] == owner and "=" in line}
    return Entry(entry.kind, entry.key, owner, tuple(sorted(grants - own)), entry.definition, entry.worded)


def _rights(old: Entry, new: Entry, meant: Meant, *, before_maintain: bool) -> Iterator[str]:
    of_the_template = meant.owner is not None and (old.kind, old.key) in {("schema", "public"), ("database", "")}
    if old.owner != new.owner and not of_the_template:
        yield f"{_named(old)} is owned by {new.owner}, not by {old.owner}"
    if meant.owner is not None and old.kind != "policy":
        return
    want, have = (
        {line for line in grants if not (before_maintain and "MAINTAIN" in line[-9:])} for grants in (old.grants, new.grants)
    )
    for line in sorted(want - have):
        yield f"{_granted(line, old)} is missing"
    for line in sorted(have - want):
        yield f"{_granted(line, old)} is there, the backup has none"


def _granted(line: str, entry: Entry) -> str:
    role, sign, privilege = line.rpartition("=")
    if not sign:
        return f"revoke {line[1:].lower()} on {_named(entry)} from its owner"
    option = " with grant option" if privilege.endswith("*") else ""
    words = "policy" if privilege == "POLICY" else privilege.rstrip("*").lower()
    return f"grant {words} on {_named(entry)} to {role or 'public'}{option}"


def _definitions(old: Entry, new: Entry) -> Iterator[str]:
    try:
        was, now = json.loads(old.definition), json.loads(new.definition)
    except ValueError:
        was = now = None
    if not isinstance(was, dict) or not isinstance(now, dict):
        yield f"{_named(old)} is {_short(new.definition)}, in the backup {_short(old.definition)}"
        return
    for key in sorted(was.keys() | now.keys()):
        if was.get(key) != now.get(key):
            yield f"{_named(old)}: {key} is {_short(now.get(key))}, in the backup {_short(was.get(key))}"


def _facts(expected: Mapping[str, Any], found: Mapping[str, Any], meant: Meant) -> Iterator[tuple[bool, str]]:
    for key, words in _FACTS.items():
        if expected.get(key) != found.get(key):
            is_sure = not (meant.own_locale and key in _OF_THE_PLACE)
            yield is_sure, f"the database's {words} is {_short(found.get(key))}, in the backup {_short(expected.get(key))}"
    want = {meant.roles.get(role, role): settings for role, settings in expected.get("settings", {}).items()}
    have = found.get("settings", {})
    for role in sorted(want.keys() | have.keys()):
        if sorted(want.get(role) or []) != sorted(have.get(role) or []):
            whose = f"of role {role} in the database" if role else "of the database"
            yield True, f"settings {whose} are {_short(have.get(role))}, in the backup {_short(want.get(role))}"


def _named(entry: Entry | None) -> str:
    if entry is None:
        return ""
    by_role = f" of {entry.owner}" if entry.owner and _identity(entry)[2] else ""
    return f"{entry.kind} {entry.key}".strip() + by_role


def _short(value: Any, limit: int = 160) -> str:
    text = (
        "nothing" if value in (None, "", [], {}) else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    )
    text = " ".join(text.split())
    return text if len(text) <= limit else f"{text[:limit]}…"
