"""Judging what was seen of a database: pure, so that every verdict can be tried without a server."""

from collections.abc import Callable, Iterator, Sequence

from upkeep.doctor.server import Seen
from upkeep.doctor.verdict import Level, Verdict
from upkeep.duty import Duty
from upkeep.errors import UpkeepError
from upkeep.sources.rights import Right
from upkeep.targets.target import Target

OLDEST, NEWEST = 13, 18
SKEW_LIMIT_S = 2.0
SLOW_CONNECT_S = 1.0
Line = Callable[[str], str]


def unreachable(target: Target, duties: Sequence[Duty], error: UpkeepError, line: Line) -> Verdict:
    """The one verdict on a target that could not be looked at."""
    remedy = getattr(error, "remedy", "")
    blind = tuple(duty.name for duty in duties)
    return Verdict(
        subject=target.name, about="reachable", level=Level.NO, said=str(error), remedy=remedy, blind=blind,
        where=line("connection"),
    )  # fmt: skip


def judged(target: Target, duties: Sequence[Duty], seen: Seen, line: Line) -> Iterator[Verdict]:
    """Every verdict on a database that was reached."""
    say = _Sayer(target.name, line, seen)
    yield _reached(say, seen)
    yield _version(say, seen, duties)
    yield from _rights(say, seen, duties)
    yield from _not_preloaded(say, seen, duties)
    yield _privilege(say, seen)
    yield skew(target.name, seen.skew_s, seen.skew_within_s, line("connection"))
    yield _timeouts(say, seen)


def skew(subject: str, ahead_s: float, within_s: float, where: str) -> Verdict:
    """The verdict on another machine's clock."""
    said = f"its clock is {abs(ahead_s):.3f} s {'ahead of' if ahead_s >= 0 else 'behind'} this machine's (± {within_s:.3f} s)"
    if abs(ahead_s) - within_s <= SKEW_LIMIT_S:
        return Verdict(subject=subject, about="clock", level=Level.OK, said=said, where=where)
    remedy = "make both machines follow the same time servers (chrony or timesyncd); windows end at the wrong moment until then"
    return Verdict(
        subject=subject, about="clock", level=Level.NO, said=f"{said}, more than {SKEW_LIMIT_S:g} s", remedy=remedy, where=where
    )


class _Sayer:
    """Fills in what every verdict on one database has in common."""

    def __init__(self, subject: str, line: Line, seen: Seen) -> None:
        self._subject, self._line, self._seen = subject, line, seen

    def __call__(
        self, about: str, level: Level, said: str, *, remedy: str = "", blind: tuple[str, ...] = (), grants: tuple[str, ...] = ()
    ) -> Verdict:
        return Verdict(
            subject=self._subject, about=about, level=level, said=said, remedy=remedy, blind=blind, grants=grants,
            where=self._line("connection"), server=self._seen.server, database=self._seen.database,
        )  # fmt: skip


def _reached(say: _Sayer, seen: Seen) -> Verdict:
    kind = "a standby" if seen.login.in_recovery else "a primary"
    said = f"PostgreSQL {seen.version} at {seen.server}, {kind}, login in {seen.connect_s * 1000:.0f} ms as {seen.login.role}"
    return say("reachable", Level.NOTE if seen.connect_s > SLOW_CONNECT_S else Level.OK, said)


def _version(say: _Sayer, seen: Seen, duties: Sequence[Duty]) -> Verdict:
    said = f"major version {seen.version}"
    if OLDEST <= seen.version <= NEWEST:
        return say("version", Level.OK, said)
    remedy = "upgrade the server" if seen.version < OLDEST else "upgrade Upkeep"
    blind = tuple(duty.name for duty in duties)
    return say("version", Level.NO, f"{said}, but {OLDEST} to {NEWEST} are supported", remedy=remedy, blind=blind)


def _rights(say: _Sayer, seen: Seen, duties: Sequence[Duty]) -> Iterator[Verdict]:
    if not seen.missing:
        yield say("rights", Level.OK, f"{seen.login.role} has every right that {len(duties)} duties need")
    for right, grant in seen.missing.items():
        about = "extension" if right.extension else "rights"
        said = f"{right.name} is missing: cannot see {right.without}"
        yield say(about, Level.NO, said, remedy=_where_to(seen, right, grant), blind=_needing(right, duties), grants=(grant,))


def _where_to(seen: Seen, right: Right, grant: str) -> str:
    on_primary = " (on the primary: this is a standby)" if seen.login.in_recovery else ""
    return f"{grant}{on_primary}" if not right.preload else f"{grant} as superuser{on_primary}"


def _not_preloaded(say: _Sayer, seen: Seen, duties: Sequence[Duty]) -> Iterator[Verdict]:
    if seen.login.preloaded is None:
        return  # pg_monitor is missing, which was said
    loaded = {part.strip().strip('"').rsplit("/", 1)[-1] for part in seen.login.preloaded.split(",")}
    rights = {right for duty in duties for right in duty.needs if isinstance(right, Right)}
    needs = {right for right in rights if right.preload and right not in seen.missing}
    for right in sorted(needs, key=lambda r: r.name):
        if right.extension not in loaded:
            said = f"{right.name} exists in the database but the server has not loaded it: cannot see {right.without}"
            remedy = f"add {right.extension} to shared_preload_libraries and restart the server"
            yield say("extension", Level.NO, said, remedy=remedy, blind=_needing(right, duties))


def _privilege(say: _Sayer, seen: Seen) -> Verdict:
    login = seen.login
    if login.is_superuser:
        remedy = "make a login of its own: create role upkeep login; \\password upkeep; grant pg_monitor to upkeep;"
        return say("privilege", Level.NO, f"{login.role} is a superuser; Upkeep only reads", remedy=remedy)
    if login.powers or login.writable_tables:
        tables = f"may write to {login.writable_tables} tables" if login.writable_tables else ""
        said = f"{login.role} has more than it needs: {', '.join([*login.powers, *([tables] if tables else [])])}"
        return say("privilege", Level.NO, said, remedy="revoke it, or use a login of Upkeep's own")
    return say("privilege", Level.OK, f"{login.role} can read and nothing more")


def _timeouts(say: _Sayer, seen: Seen) -> Verdict:
    given = (seen.login.statement_timeout_s, seen.login.lock_timeout_s)
    said = f"statement_timeout {given[0]:g} s, lock_timeout {given[1]:g} s"
    if all(abs(a - b) < 0.002 for a, b in zip(given, seen.timeouts_s, strict=True)):  # noqa: PLR2004 - the server counts in ms
        return say("timeouts", Level.OK, f"{said} hold")
    asked = f"asked for {seen.timeouts_s[0]:g} s and {seen.timeouts_s[1]:g} s"
    return say("timeouts", Level.NO, f"{said}, though {asked}", remedy="a pooler drops them: connect directly or in session mode")


def _needing(right: Right, duties: Sequence[Duty]) -> tuple[str, ...]:
    return tuple(duty.name for duty in duties if right in duty.needs)
