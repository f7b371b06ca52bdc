"""Secrets that two consumers share: the same value, or the same login, in two places."""

import hmac
import secrets
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from upkeep.answer import Answer, Finding, Metric, Severity
from upkeep.checks.security.secret_texts import current_version, secret_texts
from upkeep.config.inventory import Inventory
from upkeep.duty import check
from upkeep.errors import UpkeepError
from upkeep.humanize import plural
from upkeep.rotation.stages import Version
from upkeep.sources.connections import Connections
from upkeep.targets.secret import Secret
from upkeep.targets.system import System
from upkeep.units import Unit
from upkeep.window import Cadence

_LISTED = 3


@dataclass(frozen=True, slots=True)
class Shared:
    """Two secrets that have something in common."""

    rule: str
    first: str
    second: str


@check(Cadence.DAILY, owner="security", after=("secret_rotation",))
def secret_sharing(system: System, inventory: Inventory, connections: Connections) -> Answer:
    """
    Secrets that two consumers share: the same value, or the same login, in two places.

    A rotation of one would lock out those who read the other, and nobody can tell whose login it was. Values are read from their
    stores and compared by fingerprints under a key that is made for this run and thrown away: neither is stored. Parts such as
    user and host, and values under 8 characters, are not compared. Secrets that are not in the inventory are not seen.
    """
    declared = [target for target in inventory.targets if isinstance(target, Secret)]
    if not declared:
        return Answer.judged(f"no secret of {system.name} is declared")
    read = {secret.name: current_version(secret, connections) for secret in declared}
    known = {name: found for name, found in read.items() if isinstance(found, Version)}
    unread = [name for name in read if name not in known]
    found = list(dict.fromkeys([*_same_place(declared), *_same_value(known), *_same_login(declared, connections)]))
    metric = Metric(
        name="secrets_compared",
        value=len(known) / len(read),
        unit=Unit.SHARE,
        numerator=len(known),
        denominator=len(read),
        n=len(read),
    )
    if unread and not found:
        return Answer.unknown(_unread(unread, len(read)), "see secret_age of each", metrics=[metric])
    text = f"{plural(len(known), 'secret')} compared, {plural(len(found), 'pair shares', 'pairs share')} a value or a login"
    more = f"; {_unread(unread, len(read))}" if unread else ""
    return Answer.judged(text + more, findings=map(_finding, _most_telling(found)), metrics=[metric])


def _unread(names: Sequence[str], of: int) -> str:
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return f"{len(names)} of {plural(of, 'secret')} could not be read: {', '.join(names[:_LISTED])}{more}"


def _same_place(declared: Iterable[Secret]) -> Iterator[Shared]:
    by_place: dict[str, list[str]] = defaultdict(list)
    for secret in declared:
        by_place[secret.store.model_dump_json()].append(secret.name)
    return _pairs("secret_declared_twice", by_place.values())


def _same_value(known: dict[str, Version]) -> Iterator[Shared]:
    """Compared by what cannot be turned back, so that no dump of this process has all values side by side."""
    key = secrets.token_bytes(32)
    by_print: dict[bytes, list[str]] = defaultdict(list)
    for name, version in known.items():
        for text in secret_texts(version.value):
            by_print[hmac.digest(key, text.encode(), "sha256")].append(name)
    return _pairs("secret_value_shared", by_print.values())


def _same_login(declared: Iterable[Secret], connections: Connections) -> Iterator[Shared]:
    """One user of one server in two secrets."""
    by_login: dict[tuple[str, int, str], list[str]] = defaultdict(list)
    for secret in declared:
        users, connection = getattr(secret.opens, "users", ()), getattr(secret.opens, "connection", "")
        if not users or not connection:
            continue
        try:
            server = connections.postgres(connection)
        except UpkeepError:
            continue
        for user in users:
            by_login[server.host, server.port, user].append(secret.name)
    return _pairs("secret_login_shared", by_login.values())


def _pairs(rule: str, groups: Iterable[Sequence[str]]) -> Iterator[Shared]:
    for names in groups:
        for first, second in combinations(sorted(set(names)), 2):
            yield Shared(rule, first, second)


def _most_telling(found: Sequence[Shared]) -> Iterator[Shared]:
    """One finding a pair: what is declared twice has all else in common too."""
    seen: set[tuple[str, str]] = set()
    for one in found:
        if (one.first, one.second) not in seen:
            seen.add((one.first, one.second))
            yield one


_SAID = {
    "secret_declared_twice": ("are kept in one place: it would be rotated twice", "keep one of the two entries in the inventory"),
    "secret_value_shared": ("have the same value", "give each consumer a secret of its own, and rotate both"),
    "secret_login_shared": ("are of one login", "give each consumer a login of its own: a rotation of one ends the other's"),
}


def _finding(shared: Shared) -> Finding:
    text, remedy = _SAID[shared.rule]
    return Finding(
        rule=shared.rule, object=f"{shared.first} and {shared.second}", severity=Severity.MEDIUM,
        title=f"{shared.first} and {shared.second} {text}", remedy=remedy,
    )  # fmt: skip
