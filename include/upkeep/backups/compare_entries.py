"""
Entries of a copy's catalogue against those that it must have: pure, in lines for people.

Within one major version everything is compared exactly. Between two, rows of catalogs are left out and what the server words is
compared as far as any version words it alike (see loose.py).
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from upkeep.backups.catalogue import is_row, simple
from upkeep.backups.loose import loosely
from upkeep.backups.manifest import Entry
from upkeep.backups.names import parts_of

# Left out on purpose by every restore: a copy that subscribed would take changes away from the original.
LEFT_OUT = frozenset({"subscription"})
OF_ROLES = frozenset({"role", "membership", "setting of role", "right on parameter"})
_BY_ROLE = frozenset({"default privileges", "user mapping", "large objects"})
_SETTING_OF_ROLE = "setting of role"
_ENOUGH = 200


@dataclass(frozen=True, slots=True)
class Meant:
    """
    What was to differ: `roles` old to new, `owner` of everything (then no grants), kinds of entries that were left out.

    `own_locale` says that the database was there before and keeps its locale. `globals` says that roles were restored too, so
    that they must be the same; otherwise they are the server's own, and what differs is for a person to judge.
    """

    roles: Mapping[str, str] = field(default_factory=dict)
    owner: str | None = None
    left_out: frozenset[str] = LEFT_OUT
    own_locale: bool = False
    globals: bool = False


@dataclass(frozen=True, slots=True)
class How:
    """
    How entries are compared: `exactly`, or loosely between major versions.

    `before_maintain` says that the original could not grant MAINTAIN; `defaults` are the versions of extensions that the copy's
    server installs.
    """

    exactly: bool = True
    before_maintain: bool = False
    defaults: Mapping[str, str] = field(default_factory=dict)


def compare_entries(expected: Iterable[Entry], found: Iterable[Entry], meant: Meant, how: How) -> Iterator[tuple[bool, str]]:
    """Every difference, and whether it is certain. Rows of catalogs come last, and only what nothing else has said of them."""
    left_out = _left_out(meant) | OF_ROLES
    wanted, there = ([e for e in some if e.kind not in left_out] for some in (expected, found))
    schemas = {part for e in wanted if e.kind == "schema" for part in parts_of(e.key)}
    rows = how.exactly and any(map(is_row, wanted))
    as_meant = set[Entry]() if meant.roles or meant.owner is not None else set(wanted).intersection(there)
    want = {_identity(e): e for e in (_meant(e, meant) for e in wanted if e not in as_meant)}
    have = {_identity(e): e for e in there if e not in as_meant}
    told: list[str] = []
    for identity in sorted(want.keys() | have.keys(), key=lambda identity: (identity[0].startswith("pg_"), identity)):
        old, new = want.get(identity), have.get(identity)
        either = old or new
        if either is None or old == new or (is_row(either) and not (rows and _is_news(either, told))):
            continue
        for sure, line in _pair(old, new, meant, how, schemas):
            told += [line] if sure else []
            yield sure, line


def compare_roles(expected: Iterable[Entry], found: Iterable[Entry], meant: Meant, *, exactly: bool) -> Iterator[str]:
    """What roles that the backup needs lack or have more of there. Roles that were mapped are left out."""
    want = {(e.kind, e.key): e for e in expected if e.kind in OF_ROLES}
    have = {(e.kind, e.key): e for e in found if e.kind in OF_ROLES}
    roles = {"public", *(key for kind, key in want if kind == "role")}
    for identity in sorted(want.keys() | have.keys()):
        old, new = want.get(identity), have.get(identity)
        if _whose(*identity) & set(meant.roles) or (old is None and not _whose(*identity) & roles):
            continue
        if old is None or new is None:
            yield f"{' '.join(identity)} {'is missing' if old else 'is there, the backup has none'}"
        elif identity[0] == _SETTING_OF_ROLE:
            yield from [f"{' '.join(identity)} is another than in the backup"] if old.definition != new.definition else []
        else:
            yield from _attributes(old, new, exactly=exactly)


def short(value: Any, limit: int = 160) -> str:
    """A value for a line."""
    text = (
        "nothing" if value in (None, "", [], {}) else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    )
    text = " ".join(text.split())
    return text if len(text) <= limit else f"{text[:limit]}…"


def _whose(kind: str, key: str) -> set[str]:
    """The role that something is about."""
    separator = {"role": "", "membership": " in ", "setting of role": ": ", "right on parameter": " for "}[kind]
    if not separator:
        return {key}
    return {key.rpartition(separator)[2] if kind == "right on parameter" else key.partition(separator)[0]}


def _attributes(old: Entry, new: Entry, *, exactly: bool) -> Iterator[str]:
    was, now = _parsed(old.definition), _parsed(new.definition)
    if not isinstance(was, dict) or not isinstance(now, dict):
        if old.definition != new.definition:
            yield f"{old.kind} {old.key} is {new.definition}, in the backup {old.definition}"
        return
    for key in sorted(was.keys() | now.keys() if exactly else was.keys() & now.keys()):
        if was.get(key) != now.get(key):
            yield f"{old.kind} {old.key}: {key} is {short(now.get(key))}, in the backup {short(was.get(key))}"


def _pair(old: Entry | None, new: Entry | None, meant: Meant, how: How, schemas: Iterable[str]) -> Iterator[tuple[bool, str]]:
    if old is None or new is None:
        yield True, f"{_named(old or new)} {'is missing' if old else 'is there, the backup has none'}"
        return
    yield from ((True, line) for line in _rights(old, new, meant, how))
    if old.definition != new.definition:
        sure = _is_sure(old, new, how)
        if sure is not None and (how.exactly or _loose(old, schemas) != _loose(new, schemas)):
            yield from ((sure, line) for line in _definitions(old, new, schemas, how))


def _is_sure(old: Entry, new: Entry, how: How) -> bool | None:
    """Whether another definition is a fault; None where another version of the server has another one."""
    if old.kind == "collation version":
        return False
    if old.kind == "extension version":
        is_default = new.definition == {simple(name): version for name, version in how.defaults.items()}.get(old.key)
        return (False if how.exactly else None) if is_default else True
    return not any(_parsed(entry.definition) == {"unreadable": True} for entry in (old, new))


def _is_news(entry: Entry, told: Sequence[str]) -> bool:
    """Whether no line names this object yet; where very much differs, no more is told of it."""
    name = f" {_row_name(entry)}"
    return len(told) < _ENOUGH and not any(name in line for line in told)


def _row_name(entry: Entry) -> str:
    kinds = (
        "table column|table constraint|foreign table column|foreign table|materialized view column|materialized view|view column"
    )
    for kind in (*kinds.split("|"), "domain constraint", "composite type", "text search configuration", "event trigger"):
        if entry.key.startswith(kind + " "):
            return entry.key.removeprefix(kind + " ")
    return entry.key.partition(" ")[2]


def _left_out(meant: Meant) -> frozenset[str]:
    # Large objects are counted by owner and grants; where these change, their content alone is compared.
    counted = {"large objects"} if meant.roles or meant.owner is not None else set[str]()
    return meant.left_out | counted | ({"default privileges", "rights"} if meant.owner is not None else set())


def _identity(entry: Entry) -> tuple[str, str, str]:
    # The role is part of what these are.
    return entry.kind, entry.key, entry.owner if entry.kind in _BY_ROLE else ""


def _meant(entry: Entry, meant: Meant) -> Entry:
    owner = meant.roles.get(entry.owner, entry.owner)
    grants = {f"{meant.roles.get(role, role)}={privilege}" if sign else line
              for line in entry.grants for role, sign, privilege in [line.rpartition("=")]}  # fmt: skip
    if meant.owner is not None and entry.owner:
        owner = owner if entry.kind == "user mapping" else meant.owner
    own = {line for line in grants if owner and line.rpartition("=")[0] == owner and "=" in line}
    return Entry(entry.kind, entry.key, owner, tuple(sorted(grants - own)), entry.definition, entry.worded)


def _rights(old: Entry, new: Entry, meant: Meant, how: How) -> Iterator[str]:
    of_the_template = meant.owner is not None and (old.kind, old.key) in {("schema", "public"), ("database", "")}
    if old.owner != new.owner and not of_the_template:
        yield f"{_named(old)} is owned by {new.owner}, not by {old.owner}"
    if meant.owner is not None and old.kind != "policy":
        return
    want, have = (
        {line for line in grants if not (how.before_maintain and "MAINTAIN" in line[-9:])} for grants in (old.grants, new.grants)
    )
    for line in sorted(want - have):
        yield f"{_granted(line, old)} is missing"
    for line in sorted(have - want):
        yield f"{_granted(line, old)} is there, the backup has none"


def _granted(line: str, entry: Entry) -> str:
    role, sign, privilege = line.rpartition("=")
    name = entry.key if entry.kind == "rights" else _named(entry)
    if not sign:
        return f"revoke {line[1:].lower()} on {name} from its owner"
    option = " with grant option" if privilege.endswith("*") else ""
    noun = "policy" if privilege == "POLICY" else privilege.rstrip("*").lower()
    return f"grant {noun} on {name} to {role or 'public'}{option}"


def _definitions(old: Entry, new: Entry, schemas: Iterable[str], how: How) -> Iterator[str]:
    was, now = _parsed(old.definition), _parsed(new.definition)
    if not isinstance(was, dict) or not isinstance(now, dict):
        yield f"{_named(old)} is {short(new.definition)}, in the backup {short(old.definition)}"
        return
    for key in sorted(was.keys() | now.keys()):
        pair = was.get(key), now.get(key)
        if pair[0] != pair[1] and (how.exactly or _leaf(pair[0], schemas) != _leaf(pair[1], schemas)):
            yield f"{_named(old)}: {key} is {short(pair[1])}, in the backup {short(pair[0])}"


def _loose(entry: Entry, schemas: Iterable[str]) -> Any:
    parsed = _parsed(entry.definition)
    return _leaf(parsed if isinstance(parsed, dict) else entry.definition, schemas, worded=entry.worded)


def _leaf(value: Any, schemas: Iterable[str], *, worded: bool = True) -> Any:
    if isinstance(value, dict):
        return {key: _leaf(each, schemas, worded=worded) for key, each in value.items()}
    if isinstance(value, list):
        return [_leaf(each, schemas, worded=worded) for each in value]
    if not isinstance(value, str):
        return value
    return loosely(value, set(schemas)) if worded else simple(value)


def _parsed(definition: str) -> Any:
    try:
        return json.loads(definition)
    except ValueError:
        return None


def _named(entry: Entry | None) -> str:
    if entry is None:
        return ""
    by_role = f" of {entry.owner}" if entry.owner and _identity(entry)[2] else ""
    between = " of " if is_row(entry) else " "
    return f"{entry.kind}{between}{entry.key}".strip() + by_role
