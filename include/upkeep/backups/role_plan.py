"""What of a backup's roles a server lacks, what is created there, and what its administrator cannot create."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from upkeep.backups.role_facts import Membership, RoleFacts, roles_there
from upkeep.backups.role_mode import Mode
from upkeep.errors import BrokenError

if TYPE_CHECKING:
    import psycopg

# Since then whoever creates roles gives no more than he has himself.
_STRICT_SINCE = 16
_GRANTS_OF_SETTINGS_SINCE = 15
_ATTRIBUTES = ("superuser", "createdb", "createrole", "inherit", "login", "replication", "bypassrls")


@dataclass(frozen=True, slots=True)
class Powers:
    """What a login may give to roles that it creates."""

    name: str
    version: int
    superuser: bool
    createrole: bool
    createdb: bool
    replication: bool
    bypassrls: bool
    settings: frozenset[str] = frozenset()

    def lacks(self, attribute: str) -> bool:
        """Whether it may not give an attribute."""
        if self.superuser or attribute in {"login", "inherit", "createrole"}:
            return False
        if attribute == "superuser":
            return True
        if attribute == "createdb" and self.version < _STRICT_SINCE:
            return False
        return self.version < _STRICT_SINCE or not getattr(self, attribute)


@dataclass(frozen=True, slots=True)
class RolePlan:
    """
    What is to be done about roles, and what is said about it.

    `create` are roles as they will be made. `missing` is what the copy's server lacks (and will lack, unless `create` makes it);
    `different` are roles that exist and are left as they are; `cannot` is what this login may not do.
    """

    mode: Mode
    create: tuple[RoleFacts, ...] = ()
    missing: tuple[str, ...] = ()
    different: tuple[str, ...] = ()
    cannot: tuple[str, ...] = ()
    mapped: Mapping[str, str] = field(default_factory=dict)

    @property
    def lines(self) -> tuple[str, ...]:
        """All of it for a plan or a result."""
        return (*self.missing, *self.different, *self.cannot)


def plan_roles(
    admin: "psycopg.Connection[Any]",
    facts: Sequence[RoleFacts],
    mode: Mode,
    *,
    mapped: Mapping[str, str] | None = None,
    logins: bool = False,
) -> RolePlan:
    """
    Compare a backup's roles with a server's. Changes nothing.

    Roles get no login unless `logins`, and never a password. Raises BrokenError when nothing that was asked for can be done.
    """
    mapped = mapped or {}
    there = {role.name: role for role in roles_there(admin)}
    powers = powers_of(admin)
    new = [role for role in facts if role.name not in there and role.name not in mapped]
    _check(mode, new, powers)
    made = [] if mode is Mode.MAP else [role for role in new if mode is Mode.CREATE or role.why == "named"]
    cannot = [line for role in made for line in _beyond(role, powers)] if mode is Mode.CREATE else []
    known = {*there, *(role.name for role in made)}
    return RolePlan(
        mode,
        tuple(_made(role, mode, powers, known, logins=logins) for role in _parents_first(made)),
        tuple(_missing(facts, there, mapped)),
        tuple(line for role in facts if role.name in there for line in _different(role, there[role.name])),
        tuple(cannot),
        mapped,
    )


def lacking(
    admin: "psycopg.Connection[Any]", facts: Sequence[RoleFacts], mapped: Mapping[str, str] | None = None
) -> tuple[str, ...]:
    """What of a backup's roles a server lacks or has otherwise, in words: after a restore, what is left to do."""
    there = {role.name: role for role in roles_there(admin)}
    different = [line for role in facts if role.name in there for line in _different(role, there[role.name])]
    return (*_missing(facts, there, mapped or {}), *different)


def powers_of(admin: "psycopg.Connection[Any]") -> Powers:
    """What the session's login may give."""
    from psycopg.rows import dict_row

    with admin.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(_sql("powers")).fetchone()
    assert row  # noqa: S101 - it is logged in
    version = admin.info.server_version // 10000
    beyond = admin.execute(_sql("settings_beyond")).fetchall() if version >= _GRANTS_OF_SETTINGS_SINCE else []
    return Powers(**row, version=version, settings=frozenset(str(each[0]) for each in beyond))


def _check(mode: Mode, new: Sequence[RoleFacts], powers: Powers) -> None:
    named = [role.name for role in new if role.why == "named"]
    if named and mode is Mode.MAP:
        raise BrokenError(f"roles are missing there and not mapped: {', '.join(named)}", "map each with --map-role", retry=False)
    if named and not (powers.superuser or powers.createrole):
        remedy = "let a role with CREATEROLE restore, map roles (--map-role old=new) or leave owners out (--no-owner)"
        raise BrokenError(
            f"roles are missing there and {powers.name} may not create them: {', '.join(named)}", remedy, retry=False
        )


def _made(role: RoleFacts, mode: Mode, powers: Powers, known: AbstractSet[str], *, logins: bool) -> RoleFacts:
    """The role as this login can and shall make it."""
    if mode is not Mode.CREATE:
        return RoleFacts(name=role.name, why=role.why)
    given = {name: getattr(role, name) and not powers.lacks(name) for name in _ATTRIBUTES}
    return RoleFacts(
        name=role.name,
        why=role.why,
        **{**given, "login": role.login and logins},
        connection_limit=role.connection_limit,
        valid_until=role.valid_until,
        comment=role.comment,
        settings=tuple(each for each in role.settings if _name(each) not in powers.settings),
        # Predefined roles are not among those that were looked at; a server may lack some.
        memberships=tuple(each for each in role.memberships if each.role in known or each.role.startswith("pg_")),
    )


def _beyond(role: RoleFacts, powers: Powers) -> Iterator[str]:
    for attribute in _ATTRIBUTES:
        if getattr(role, attribute) and powers.lacks(attribute):
            yield f'{powers.name} may not give {attribute} to role "{role.name}"'
    for setting in role.settings:
        if _name(setting) in powers.settings:
            yield f'{powers.name} may not set {_name(setting)} for role "{role.name}"'


def _missing(facts: Iterable[RoleFacts], there: Mapping[str, RoleFacts], mapped: Mapping[str, str]) -> Iterator[str]:
    for role in facts:
        if role.name in mapped:
            continue
        have = there.get(role.name)
        if have is None:
            yield f'role "{role.name}" ({_describe_role(role)})'
        mine = {each.role for each in have.memberships} if have else set()
        for membership in role.memberships:
            if membership.role not in mine and mapped.get(membership.role, membership.role) not in mine:
                yield f'membership of "{role.name}" in "{membership.role}"'
        for setting in role.settings:
            if have is None or setting not in have.settings:
                yield f'setting {setting} of role "{role.name}"'


def _different(role: RoleFacts, there: RoleFacts) -> Iterator[str]:
    for name in (*_ATTRIBUTES, "connection_limit", "valid_until", "comment"):
        want, have = getattr(role, name), getattr(there, name)
        if want != have:
            label = name.replace("_", " ")
            now, meant = _format_setting(have), _format_setting(want)
            yield f'role "{role.name}" is left as it is: {label} is {now} there, {meant} in the backup'
    mine = {each.role: each for each in there.memberships}
    for each in role.memberships:
        found = mine.get(each.role)
        if found and _options(found) != _options(each) and None not in {each.set, found.set}:
            yield f'membership of "{role.name}" in "{each.role}" is left as it is: its options are others in the backup'


def _options(each: Membership) -> tuple[bool, bool | None, bool | None]:
    return each.admin, each.inherit, each.set


def _describe_role(role: RoleFacts) -> str:
    have = [name for name in _ATTRIBUTES if getattr(role, name) and name != "inherit"]
    have += [] if role.inherit else ["noinherit"]
    have += [f"connection limit {role.connection_limit}"] if role.connection_limit >= 0 else []
    have += [f"valid until {role.valid_until}"] if role.valid_until else []
    return ", ".join(have) or "no attributes"


def _format_setting(value: object) -> str:
    return (
        {True: "on", False: "off", None: "nothing"}.get(value, f'"{value}"') if isinstance(value, bool | None) else f'"{value}"'
    )


def _name(setting: str) -> str:
    return setting.partition("=")[0].lower()


def _parents_first(roles: Iterable[RoleFacts]) -> list[RoleFacts]:
    left, ordered = {role.name: role for role in roles}, list[RoleFacts]()
    while left:
        free = [role for role in left.values() if not any(each.role in left for each in role.memberships)] or list(left.values())
        ordered += free
        left = {name: role for name, role in left.items() if role not in free}
    return ordered


def _sql(name: str) -> bytes:
    return (files("upkeep.backups") / f"{name}.sql").read_bytes()
