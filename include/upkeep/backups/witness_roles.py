"""
The witness of roles: pg_dumpall's text of the original's server and of the destination's, as far as one database needs it.

Passwords are never read. Folders of tablespaces and roles of other databases do not count.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from upkeep.backups.manifest import Entry
from upkeep.backups.script import NAME, statements

_CREATED = re.compile(rf"CREATE ROLE ({NAME})")
_ATTRIBUTES = re.compile(rf"ALTER ROLE ({NAME}) WITH (.+)", re.DOTALL)
_SETTING = re.compile(rf"ALTER ROLE ({NAME}) SET (.+?) TO (.+)", re.DOTALL)
_MEMBER = re.compile(rf"GRANT ({NAME}) TO ({NAME})(?: WITH (.+?))?(?: GRANTED BY {NAME})?", re.DOTALL)
_PARAMETER = re.compile(rf"GRANT ([A-Z, ]+) ON PARAMETER (.+?) TO ({NAME})( WITH GRANT OPTION)?", re.DOTALL)
_COMMENT = re.compile(rf"COMMENT ON ROLE ({NAME}) IS (.+)", re.DOTALL)
_PASSWORD = re.compile(r" PASSWORD (?:NULL|'(?:[^']|'')*')")
_WITH_VALUE = re.compile(r"(CONNECTION LIMIT|VALID UNTIL) (-?\d+|'[^']*')")


@dataclass
class Globals:
    """Roles by name with their attributes, settings and comment; memberships by (member, role); rights on parameters."""

    attributes: dict[str, set[str]] = field(default_factory=dict)
    settings: dict[str, dict[str, str]] = field(default_factory=dict)
    comments: dict[str, str] = field(default_factory=dict)
    members: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    parameters: dict[tuple[str, str], set[str]] = field(default_factory=dict)


def parse(text: str) -> Globals:
    """What a text of pg_dumpall says."""
    found = Globals()
    for statement in statements(text):
        _take(found, statement.text)
    for (member, _), options in found.members.items():
        # Before 16 the member's own attribute decided.
        if not any(option.startswith("INHERIT") for option in options):
            inherits = "NOINHERIT" not in found.attributes.get(member, set())
            options.add(f"INHERIT {'TRUE' if inherits else 'FALSE'}")
    return found


def needed_roles(entries: Iterable[Entry]) -> set[str]:
    """The roles that a database needs, by its entries."""
    return {entry.key for entry in entries if entry.kind == "role"}


def compare_globals(expected: str, found: str, needed: Iterable[str], roles: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """What the needed roles lack or have more of there, in lines for people. `roles` were mapped old to new and are left out."""
    wanted = sorted(set(needed) - set(roles or {}))
    want, have = parse(expected), parse(found)
    return tuple(line for role in wanted for line in _of_role(role, want, have))


def _of_role(role: str, want: Globals, have: Globals) -> Iterator[str]:
    if role not in want.attributes:
        return
    if role not in have.attributes:
        yield f"role {role} is missing"
        return
    yield from _sets(f"role {role}: attribute", _attributes(want, role), _attributes(have, role))
    for name in sorted(want.settings.get(role, {}).keys() | have.settings.get(role, {}).keys()):
        if want.settings.get(role, {}).get(name) != have.settings.get(role, {}).get(name):
            yield f"setting of role {role}: {name} is another or missing"
    if want.comments.get(role) != have.comments.get(role):
        yield f"comment of role {role} is another or missing"
    for pair in sorted(want.members.keys() | have.members.keys()):
        if pair[0] == role:
            yield from _membership(pair, want.members.get(pair), have.members.get(pair))
    for pair in sorted(want.parameters.keys() | have.parameters.keys()):
        if pair[1] == role:
            about = f"right on parameter {pair[0]} of role {role}:"
            yield from _sets(about, want.parameters.get(pair, set()), have.parameters.get(pair, set()))


def _attributes(found: Globals, role: str) -> set[str]:
    # What is not there is said by what is.
    return {word for word in found.attributes[role] if not word.startswith("NO")}


def _membership(pair: tuple[str, str], want: set[str] | None, have: set[str] | None) -> Iterator[str]:
    name = f"membership {pair[0]} in {pair[1]}"
    if want is None or have is None:
        yield f"{name}{_with(want or have or set())} is {'missing' if have is None else 'there, the backup has none'}"
    elif want != have:
        yield f"{name} is{_with(have) or ' plain'}, in the backup{_with(want) or ' plain'}"


def _with(options: set[str]) -> str:
    told = sorted(option.removesuffix(" OPTION") for option in options if option != "INHERIT TRUE")
    return f" WITH {', '.join(told)}" if told else ""


def _sets(about: str, want: set[str], have: set[str]) -> Iterator[str]:
    yield from (f"{about} {word} is missing" for word in sorted(want - have))
    yield from (f"{about} {word} is there, the backup has none" for word in sorted(have - want))


def _take(found: Globals, text: str) -> None:
    if match := _CREATED.fullmatch(text):
        found.attributes.setdefault(_plain(match[1]), set())
    elif match := _ATTRIBUTES.fullmatch(text):
        rest = _PASSWORD.sub("", match[2])
        found.attributes[_plain(match[1])] = {*(" ".join(m.groups()) for m in _WITH_VALUE.finditer(rest)),
                                              *_WITH_VALUE.sub("", rest).split()}  # fmt: skip
    elif match := _SETTING.fullmatch(text):
        found.settings.setdefault(_plain(match[1]), {})[_plain(match[2])] = match[3]
    elif match := _COMMENT.fullmatch(text):
        found.comments[_plain(match[1])] = match[2]
    elif match := _PARAMETER.fullmatch(text):
        option = " with grant option" if match[4] else ""
        rights = {f"{word.strip()}{option}" for word in match[1].split(",")}
        found.parameters.setdefault((_plain(match[2]), _plain(match[3])), set()).update(rights)
    elif match := _MEMBER.fullmatch(text):
        options = {option.strip() for option in (match[3] or "").split(",") if option.strip()}
        found.members.setdefault((_plain(match[2]), _plain(match[1])), set()).update(options)


def _plain(name: str) -> str:
    return name[1:-1].replace('""', '"') if name.startswith('"') else name
