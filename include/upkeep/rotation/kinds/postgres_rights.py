"""What two PostgreSQL roles may do, compared: they are to stand for the same application."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from upkeep.errors import CannotAskError
from upkeep.rotation.kinds.postgres_login import quoted
from upkeep.sources.postgres_errors import translate_errors

if TYPE_CHECKING:
    import psycopg

Rights = Mapping[str, frozenset[str]]

_RIGHTS = (Path(__file__).parent / "postgres_rights.sql").read_text(encoding="utf-8")
_SHOWN = 5
_DOOR = b"""
    select
        rolcanlogin,
        case when rolsuper then -1 else rolconnlimit end,
        case when rolvaliduntil <= pg_catalog.now() then rolvaliduntil::text end
    from pg_catalog.pg_roles
    where rolname = %(role)s
"""
# Told of one role, and no difference between two.
_ALONE = ("owns", "may create in", "opened by a mapping", "rows by its login", "rows by its role")


def rights_of(session: "psycopg.Connection[Any]", role: str) -> Rights:
    """All that the server says of it, by kind; empty when there is no such role."""
    found: dict[str, set[str]] = defaultdict(set)
    with translate_errors():
        for about, what in session.execute(_RIGHTS.encode(), {"role": role}):
            found[about].add(what)
    return {about: frozenset(lines) for about, lines in found.items()}


def assert_rotatable(session: "psycopg.Connection[Any]", working: str, other: str) -> None:
    """Raise CannotAskError, with the statements that help, unless the two may alternate."""
    _assert_scram(session)
    own, others = rights_of(session, working), rights_of(session, other)
    if not own or not others:
        missing = working if not own else other
        raise CannotAskError(
            f"there is no role {missing}", f"create role {quoted(missing)} nologin in role …; with all that the other has"
        )
    for role, rights in ((working, own), (other, others)):
        _assert_no_copies(role, rights)
        assert_lets_in(session, role)
        _assert_owns_nothing(role, rights)
        _assert_creates_for_both(role, rights)
        _assert_sees_alike(role, rights)
    assert_alike(others, own, other, working)


def assert_only_password_changes(session: "psycopg.Connection[Any]", role: str) -> None:
    """Raise CannotAskError, with what helps, unless a new password of this role is all that those who use it have to know."""
    _assert_scram(session)
    rights = rights_of(session, role)
    if not rights:
        raise CannotAskError(f"there is no role {role}", "correct the user in the inventory, and in the secret")
    _assert_no_copies(role, rights)
    assert_lets_in(session, role, now=True)


def assert_alike(some: Rights, others: Rights, role: str, model: str) -> None:
    """Raise CannotAskError with what one has and the other has not."""
    kinds = sorted((some.keys() | others.keys()) - set(_ALONE))
    lacks = [f"{kind} {line}" for kind in kinds for line in sorted(others.get(kind, frozenset()) - some.get(kind, frozenset()))]
    has = [f"{kind} {line}" for kind in kinds for line in sorted(some.get(kind, frozenset()) - others.get(kind, frozenset()))]
    if lacks or has:
        told = [*([f"{role} lacks {_first(lacks)}"] if lacks else []), *([f"{role} alone has {_first(has)}"] if has else [])]
        remedy = f"grant to a role that both are members of, and give {role} and {model} the same attributes and settings"
        raise CannotAskError(f"{role} and {model} are not alike: {'; '.join(told)}", remedy)


def _assert_scram(session: "psycopg.Connection[Any]") -> None:
    with translate_errors():
        row = session.execute("show password_encryption").fetchone()
    if row and row[0] != "scram-sha-256":
        remedy = (
            "alter system set password_encryption = 'scram-sha-256'; set every password again; then scram-sha-256 in pg_hba.conf"
        )
        raise CannotAskError(f"the server makes {row[0]} passwords, whose drivers may know no SCRAM", remedy)


def _assert_owns_nothing(role: str, rights: Rights) -> None:
    if owned := rights.get("owns"):
        remedy = f"give it to a role that both are members of: in each database, reassign owned by {quoted(role)} to …"
        raise CannotAskError(f"{role} owns objects, which the other could not alter: {_first(sorted(owned))}", remedy)


def _assert_creates_for_both(role: str, rights: Rights) -> None:
    """What it creates must not be its own: a setting `role` makes it another's from the first statement on."""
    spaces = rights.get("may create in")
    if spaces and not any(" role=" in line for line in rights.get("setting", ())):
        message = f"{role} may create in {_first(sorted(spaces))}, and would own what it creates"
        raise CannotAskError(message, f"alter role {quoted(role)} set role = …, a role that owns for both; or revoke create")


def _assert_sees_alike(role: str, rights: Rights) -> None:
    """Row security that asks for the user's own name shows the other one other rows."""
    as_another = any(" role=" in line for line in rights.get("setting", ()))
    policies = rights.get("rows by its login", frozenset()) | (
        frozenset() if as_another else rights.get("rows by its role", frozenset())
    )
    if policies:
        message = f"row security shows {role} rows by its name: policy {_first(sorted(policies))}"
        remedy = f"let the policy ask for a role that both are members of, or alter role {quoted(role)} set role = …, for both"
        raise CannotAskError(message, remedy)


def _assert_no_copies(role: str, rights: Rights) -> None:
    """Standbys and foreign servers have a copy of its password."""
    if "rolreplication true" in rights.get("attribute", ()):
        raise CannotAskError(
            f"{role} serves replication: its password is in files of standbys", "rotate it by hand on each standby"
        )
    if mapped := rights.get("opened by a mapping"):
        message = f"a user mapping logs in as {role}, with a copy of its password: {_first(sorted(mapped))}"
        raise CannotAskError(message, "let the mapping use a login of its own")


def assert_lets_in(session: "psycopg.Connection[Any]", role: str, *, now: bool = False) -> None:
    """Raise CannotAskError where no password opens it: a limit of 0, a validity that is over, and `now` no right to log in."""
    with translate_errors():
        row = session.execute(_DOOR, {"role": role}).fetchone()
    may, limit, until = row or (False, None, None)
    if now and not may:
        raise CannotAskError(f"{role} may not log in", f"alter role {quoted(role)} login")
    if limit == 0:
        raise CannotAskError(
            f"{role} has a connection limit of 0, so that it cannot log in", f"alter role {quoted(role)} connection limit …"
        )
    if until:
        raise CannotAskError(
            f"the password of {role} was valid until {until}", f"alter role {quoted(role)} valid until 'infinity'"
        )


def _first(lines: Sequence[str]) -> str:
    more = f" and {len(lines) - _SHOWN} more" if len(lines) > _SHOWN else ""
    return ", ".join(lines[:_SHOWN]) + more
