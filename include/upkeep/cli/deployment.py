"""`upkeep deployment`: what was deployed, told by a pipeline or a person, and listed."""

import argparse
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from upkeep.cli.given import the_inventory
from upkeep.cli.out import WELL, failing_if_away, say, table
from upkeep.cli.report_database import report_database
from upkeep.delivery.deployed import Deployed, Outcome
from upkeep.errors import UpkeepError
from upkeep.humanize import span
from upkeep.store.deployments import StoredDeployments
from upkeep.targets.service import Service

if TYPE_CHECKING:
    pass

_HEX = frozenset("0123456789abcdef")
_SHORTEST, _LONGEST = 7, 64


def _add(given: argparse.Namespace) -> int:
    service, deployed = _service(given.service), _deployed(given)
    with report_database("upkeep deployment") as connection:
        changed = StoredDeployments(connection, service.name).keep([deployed])
    what = f"deployment {deployed.deployment} of {service.name} to {deployed.environment}"
    say(f"{what}: {deployed.status.value}" if changed else f"{what} is known just so already, or as ended; nothing to do")
    return WELL


def _deployed(given: argparse.Namespace) -> Deployed:
    status, now = Outcome(given.status), datetime.now(UTC)
    started = _moment(given.started, "--started") or _moment(given.finished, "--finished") or now
    finished = (_moment(given.finished, "--finished") or now) if status.ended else None
    if finished is not None and finished < started:
        raise UpkeepError(f"--finished {finished} is before --started {started}")
    failed = _moment(given.failed_at, "--failed-at")
    if failed is not None and failed < started:
        raise UpkeepError(f"--failed-at {failed} is before it began at {started}")
    if given.url and not given.url.startswith(("https://", "http://")):
        raise UpkeepError(f'--url "{given.url}" is no link: begin it with https://')
    return Deployed(
        environment=given.environment, deployment=_text(given.deployment, "DEPLOYMENT"), started_at=started, finished_at=finished,
        status=status, source="command line", version=given.version, commit_id=_commit(given.commit, "--commit"),
        merged_as=_commit(given.merged_as, "--merged-as"), committed_at=_moment(given.committed, "--committed"),
        failed_at=failed, failed_why=given.failed_why, unplanned=given.unplanned, deployed_by=given.by, url=given.url,
    )  # fmt: skip


def _list(given: argparse.Namespace) -> int:
    service = _service(given.service)
    with report_database("upkeep deployment") as connection:
        found = StoredDeployments(connection, service.name).newest(given.most)
    if not found:
        say(f"{service.name} has no deployments: see `upkeep deployment add --help`")
        return WELL
    head = ("deployment", "to", "version", "began", "took", "status", "by", "source", "failed")
    table(head, [_row(each) for each in found])
    return WELL


def _row(each: Deployed) -> tuple[str, ...]:
    took = span((each.finished_at - each.started_at).total_seconds()) if each.finished_at else ""
    began = f"{each.started_at.astimezone(UTC):%Y-%m-%d %H:%M}"
    what = each.version or (each.commit_id or "")[:10]
    return (
        each.deployment,
        each.environment,
        what,
        began,
        took,
        each.status.value,
        each.deployed_by or "",
        each.source,
        each.failed_why or "",
    )


def _service(name: str) -> Service:
    target = the_inventory().target(name)
    if not isinstance(target, Service):
        raise UpkeepError(f"{name} is one of {target.section}: deployments are of services")
    return target


def _moment(text: str | None, option: str) -> datetime | None:
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise UpkeepError(f'{option} "{text}" is no time: write it as 2026-11-01T09:30:00Z') from error
    if found.tzinfo is None:
        raise UpkeepError(f'{option} "{text}" has no time zone: write it as {text}Z or {text}+01:00')
    return found


def _commit(text: str | None, option: str) -> str | None:
    if text is not None and not (_SHORTEST <= len(text) <= _LONGEST and set(text) <= _HEX):
        raise UpkeepError(f'{option} "{text}" is no commit: write 7 to 64 of its hexadecimal digits')
    return text


def _text(text: str, option: str) -> str:
    line = text.strip()
    if not line or not line.isprintable():
        raise UpkeepError(f"{option}: write some characters on one line")
    return line


def add_command(make: Callable[..., argparse.ArgumentParser]) -> None:
    """The command with its options; `make` makes one."""
    words = make("deployment", _list, "what was deployed: told by a pipeline or a person, and listed").add_subparsers(
        metavar="add|list", required=True
    )
    adds = _word(words, "add", _add, "tell of a deployment; told again, it is replaced")
    adds.add_argument("deployment", metavar="DEPLOYMENT", help="its id in what deploys, such as the number of the run")
    _add_options(adds)
    lists = _word(words, "list", _list, "the deployments of a service, the newest first")
    lists.add_argument("--most", type=int, default=20, metavar="N", help="how many (20)")


def _add_options(adds: argparse.ArgumentParser) -> None:
    ends = [outcome.value for outcome in Outcome]
    adds.add_argument("--status", choices=ends, default="succeeded", help="how it stands (succeeded)")
    for name, text in (
        ("started", "when it began; by default when it ended"),
        ("finished", "when it ended; by default now"),
        ("committed", "when the deployed commit was made: git show -s --format=%%cI"),
        ("failed-at", "when it failed after it had gone live"),
    ):
        adds.add_argument(f"--{name}", metavar="TIME", help=text)
    adds.add_argument("--environment", default="production", metavar="NAME", help="where to (production)")
    for name, letters, text in (
        ("version", "TEXT", "how people call what was deployed"),
        ("commit", "ID", "the deployed commit"),
        ("merged-as", "ID", "the commit of the branch that it was merged as"),
        ("by", "WHO", "who or what deployed it"),
        ("url", "LINK", "where it can be seen"),
        ("failed-why", "TEXT", "what failed"),
    ):
        adds.add_argument(f"--{name}", metavar=letters, help=text)
    adds.add_argument(
        "--unplanned", action=argparse.BooleanOptionalAction, help="whether it was made because something failed in production"
    )


def _word(words: Any, name: str, run: Callable[[argparse.Namespace], int], text: str) -> argparse.ArgumentParser:
    made: argparse.ArgumentParser = words.add_parser(name, help=text, description=text)
    made.add_argument("service", metavar="SERVICE", help="a name of the inventory's services")
    made.set_defaults(run=lambda given: failing_if_away(lambda: run(given)))
    return made
