"""`upkeep secret`: where each stands, rotate one now, take a rotation back."""

import argparse
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime

from upkeep.cli.given import the_inventory
from upkeep.cli.out import PERSON_NEEDED, WELL, failing_if_away, say, shown_progress, table
from upkeep.errors import UpkeepError
from upkeep.humanize import span
from upkeep.rotation.ending import COMPROMISED
from upkeep.rotation.outcome import Outcome
from upkeep.rotation.rotate import Rotator
from upkeep.rotation.rotation import Rotation, halted
from upkeep.store.answers import Provenance, connected
from upkeep.store.rotation import StoredRotations
from upkeep.suggestions import nearest
from upkeep.targets.secret import Secret

USAGE = """\
upkeep secret list                            every secret, its last rotation, when the one before was proven dead
       upkeep secret rotate NAME [--compromised]     rotate now; --compromised ends the old value and its sessions at once
       upkeep secret rotate NAME --dry-run           see whether it could be, and where it stands; nothing is changed
       upkeep secret rollback NAME                   make the value before current again, or forget a pending one
"""


def secret(given: argparse.Namespace) -> int:
    """Do what the first word says."""
    if given.word not in _WORDS:
        raise UpkeepError(f'"{given.word}" is no command{nearest(given.word, _WORDS)}\nusage: {USAGE.rstrip()}')
    for option in ("compromised", "dry_run"):
        if getattr(given, option) and given.word != "rotate":
            raise UpkeepError(f"--{option.replace('_', '-')} is a word of rotate\nusage: {USAGE.rstrip()}")
    return failing_if_away(lambda: _WORDS[given.word](given))


def _list(given: argparse.Namespace) -> int:  # noqa: ARG001 - every secret is listed
    found = [target for target in the_inventory().targets if isinstance(target, Secret)]
    if not found:
        say("no secret is declared: see docs/secrets.md")
        return WELL
    with ExitStack() as stack:
        log = _log(stack)
        table(("secret", "kept in", "opens", "rotation", "old one"), [_line(each, log.newest(each.name)) for each in found])
    return WELL


def _line(secret: Secret, newest: Rotation | None) -> tuple[str, ...]:
    opens, place = secret.opens.described, secret.store.described
    if newest is None:
        return secret.name, place, opens, "none is known", ""
    dead = f"{newest.old}, dead since {newest.dead_at:%Y-%m-%d %H:%M}" if newest.dead_at else f"{newest.old}, not proven dead"
    return secret.name, place, opens, _state(newest), dead


def _state(newest: Rotation) -> str:
    if halt := halted(newest, datetime.now(UTC)):
        return f"stopped half-way since {halt.since:%Y-%m-%d %H:%M}, at step {halt.step}"
    return f"{newest.state.value}, {newest.begun_at:%Y-%m-%d %H:%M}"


def _rotate(given: argparse.Namespace) -> int:
    if given.dry_run:
        return _look(given)
    done = _do(given, lambda rotator: rotator.advance(COMPROMISED if given.compromised else "by hand"))
    if given.compromised and (more := _the_secret(given.name).opens.outlives(datetime.now(UTC))):
        say(more)
    return done


def _look(given: argparse.Namespace) -> int:
    """What stands where, and whether it could be rotated."""
    from upkeep.airflow_bridge import connections

    target = _the_secret(given.name)
    with ExitStack() as stack:
        outcome = target.rotator(connections.AirflowConnections(), _log(stack), lambda _: None).look()
    if outcome.waits_until and not given.compromised:
        say(f"{outcome.identity} is current; the one before works until {outcome.waits_until.astimezone(UTC):%Y-%m-%d %H:%M} UTC")
    else:
        say(f"{outcome.identity} is current, {span(outcome.age.total_seconds())} old, and could be rotated")
    say("dry run, nothing was changed")
    return WELL


def _roll_back(given: argparse.Namespace) -> int:
    return _do(given, lambda rotator: rotator.roll_back())


def _do(given: argparse.Namespace, work: Callable[[Rotator], Outcome]) -> int:
    """Under the claim that the daily job takes too."""
    from upkeep.airflow_bridge import connections

    target = _the_secret(given.name)
    with ExitStack() as stack:
        log, progress = _log(stack), stack.enter_context(shown_progress())
        stack.enter_context(log.claimed(target.name))
        outcome = work(target.rotator(connections.AirflowConnections(), log, lambda text: progress("rotate", text)))
    for line in _lines(outcome):
        say(line)
    return PERSON_NEEDED if outcome.uses else WELL


def _lines(outcome: Outcome) -> Iterator[str]:
    yield f"{outcome.identity} is current" + (", since now" if outcome.rotated else f", {span(outcome.age.total_seconds())} old")
    if outcome.ended:
        yield f"{outcome.ended} was ended, and a try of it was refused"
    if outcome.waits_until:
        until = f"{outcome.waits_until.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
        yield f"the one before works until {until}" + (
            "" if outcome.rotated else ": nothing was rotated, since it is the next one"
        )
    for use in outcome.uses:
        yield f"the one before is still used, so that nothing was done: {use.who}"


def _the_secret(name: str) -> Secret:
    if not name:
        raise UpkeepError(f"name a secret\nusage: {USAGE.rstrip()}")
    target = the_inventory().target(name)
    if not isinstance(target, Secret):
        raise UpkeepError(f"{name} is one of {target.section}, not of {Secret.section}")
    return target


def _log(stack: ExitStack) -> StoredRotations:
    """The rows, which also keep two rotations apart: without a report database nothing is rotated."""
    from upkeep.airflow_bridge import connections

    database = stack.enter_context(connected(connections.store(), "upkeep secret"))
    return StoredRotations(database, Provenance("", "", "", -1, 0, datetime.now(UTC), 0))


_WORDS: dict[str, Callable[[argparse.Namespace], int]] = {"list": _list, "rotate": _rotate, "rollback": _roll_back}


def add_command(make: Callable[..., argparse.ArgumentParser]) -> None:
    """The command with its options; `make` makes one."""
    made = make("secret", secret, "rotate a secret now, take a rotation back, see where each stands")
    made.usage = USAGE.rstrip()
    made.add_argument("word", metavar="COMMAND", help="list, rotate or rollback")
    made.add_argument("name", metavar="NAME", nargs="?", default="", help="a secret of the inventory")
    made.add_argument("--dry-run", action="store_true", help="only see whether it could be rotated")
    made.add_argument("--compromised", action="store_true", help="end the old value and its sessions at once")
