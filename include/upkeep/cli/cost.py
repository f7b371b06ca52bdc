"""`upkeep cost measure`: what was done to spend less, declared, listed and ended."""

import argparse
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from upkeep.cli.given import the_inventory
from upkeep.cli.measure_fields import checked, fill_from
from upkeep.cli.out import WELL, failing_if_away, say, table
from upkeep.cli.report_database import report_database
from upkeep.errors import UpkeepError
from upkeep.ledger.measure_taken import COMMAND_LINE, Measure
from upkeep.store import measures
from upkeep.store.opportunities import opportunity_of
from upkeep.targets.account import Account

if TYPE_CHECKING:
    pass

_CURRENCY = re.compile(r"[A-Z]{3}")
_WOULD = " (dry run: nothing was kept)"


def _add(given: argparse.Namespace) -> int:
    account = _account(given.account)
    with report_database("upkeep cost") as connection:
        if given.opportunity:
            fill_from(given, opportunity_of(connection, account.name, given.opportunity))
        measure = _declared(given, account)
        checked(connection, measure, account)
        keep = measures.check_measure if given.dry_run else measures.add_measure
        added = keep(connection, measure)
    if not added:
        say(f'{account.name} has the measure "{measure.name}" just so already; nothing to do')
        return WELL
    expected = f", expected to save {measure.expected}" if measure.expected else ""
    dry = _WOULD if given.dry_run else ""
    say(f'measure "{measure.name}" of {account.name} since {measure.taken_on}, about {measure.scope}{expected}{dry}')
    say(f"costs are set against {measure.basis}; the first whole month after it is told by savings of {account.name}")
    return WELL


def _declared(given: argparse.Namespace, account: Account) -> Measure:
    on = _day(given.on, "--on")
    if on > datetime.now(UTC).date():
        raise UpkeepError(f"--on {on} is yet to come: a measure is declared once it was taken")
    currency = given.currency or account.currency
    if not _CURRENCY.fullmatch(currency):
        raise UpkeepError(f'--currency "{currency}" is no currency: write it as ISO 4217 has it, such as EUR')
    return Measure(
        account=account.name, name=_text(given.name, "NAME", 200), what=_text(given.what, "--what", 2000), taken_on=on,
        taken_by=_text(given.by, "--by", 200), sub_account=given.sub_account, service=given.service, region=given.region,
        tags=_tags(given.tag), resource=given.resource, currency=currency, expected_saving=_amount(given.expected),
        normalised_by=given.normalise_by, driver_service=given.driver_service, source=_text(given.source, "--source", 2000),
        opportunity=given.opportunity,
    )  # fmt: skip


def _list(given: argparse.Namespace) -> int:
    account = _account(given.account)
    with report_database("upkeep cost") as connection:
        found = measures.measures_of(connection, account.name)
    if not found:
        say(f"{account.name} has no measures: see `upkeep cost measure add --help`")
        return WELL
    head = ("measure", "taken on", "by", "about", "expected", "set against", "source", "ended on")
    table(head, [(m.name, f"{m.taken_on}", m.taken_by, m.scope, m.expected, m.basis, m.source, _ended(m)) for m in found])
    return WELL


def _ended(measure: Measure) -> str:
    return f"{measure.ended_on}: {measure.ended_why}" if measure.ended_on else ""


def _end(given: argparse.Namespace) -> int:
    account, on = _account(given.account), _day(given.on, "--on")
    why = _text(given.why, "--why", 2000)
    with report_database("upkeep cost") as connection:
        ended = measures.end_measure(connection, account.name, given.name, on, why, dry_run=given.dry_run)
    dry = _WOULD if given.dry_run else ""
    say(f'measure "{given.name}" is not followed from {on} on{dry}' if ended else f'"{given.name}" has ended so; nothing to do')
    return WELL


def _account(name: str) -> Account:
    target = the_inventory().target(name)
    if not isinstance(target, Account):
        raise UpkeepError(f"{name} is one of {target.section}: measures are of accounts")
    return target


def _day(text: str, option: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UpkeepError(f'{option} "{text}" is no day: write it as 2026-11-01') from error


def _amount(text: str | None) -> Decimal | None:
    if text is None:
        return None
    try:
        amount = Decimal(text)
    except InvalidOperation as error:
        raise UpkeepError(f'--expected "{text}" is no amount: write it as 1234.50') from error
    if not amount.is_finite() or amount < 0:
        raise UpkeepError(f'--expected "{text}": what is saved in a month is zero or more')
    return amount


def _text(text: str | None, option: str, longest: int) -> str:
    line = (text or "").strip()
    if not line or len(line) > longest or not line.isprintable():
        raise UpkeepError(f"{option}: write 1 to {longest:,} characters on one line")
    return line


def _tags(words: Sequence[str]) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for word in words:
        key, equals, value = word.partition("=")
        if not (key and equals):
            raise UpkeepError(f'--tag "{word}" is no KEY=VALUE, such as team=shop')
        if found.setdefault(key, value) != value:
            raise UpkeepError(f"--tag {key} has two values, {found[key]} and {value}: no charge has both")
    return found


def add_command(make: Callable[..., argparse.ArgumentParser]) -> None:
    """The command with its options; `make` makes one."""
    made = make("cost", _list, "measures that were taken to spend less: what came of them is in savings")
    about = made.add_subparsers(metavar="WHAT", required=True).add_parser("measure", help="what was done to spend less")
    words = about.add_subparsers(metavar="add|list|end", required=True)
    adds = _word(words, "add", _add, "declare a measure that was taken; again, it changes nothing")
    _add_options(adds)
    _word(words, "list", _list, "every measure of an account")
    ends = _word(words, "end", _end, "follow a measure no longer, as it was undone or replaced")
    ends.add_argument("name", metavar="NAME", help="as `upkeep cost measure list` shows it")
    ends.add_argument("--on", required=True, metavar="DAY", help="from which day on, such as 2026-11-01")
    ends.add_argument("--why", required=True, metavar="TEXT", help="why it ended")
    for each in (adds, ends):
        each.add_argument("--dry-run", action="store_true", help="say what would be kept, and keep nothing")


def _word(words: Any, name: str, run: Callable[[argparse.Namespace], int], text: str) -> argparse.ArgumentParser:
    made: argparse.ArgumentParser = words.add_parser(name, help=text, description=text)
    made.add_argument("account", metavar="ACCOUNT", help="a name of the inventory's accounts")
    made.set_defaults(run=lambda given: failing_if_away(lambda: run(given)))
    return made


def _add_options(adds: argparse.ArgumentParser) -> None:
    adds.add_argument("name", metavar="NAME", nargs="?", help="a short name, once in an account")
    adds.add_argument(
        "--opportunity", metavar="KEY", help="take up this one (RULE/REGION/RESOURCE): it gives what is not said here, and costs "
        "are set against days, since what is taken away is not used any more",
    )  # fmt: skip
    adds.add_argument("--what", metavar="TEXT", help="what was done")
    adds.add_argument("--on", required=True, metavar="DAY", help="on which day it was done, such as 2026-11-01")
    adds.add_argument("--by", required=True, metavar="WHO", help="who did it")
    for name, text in (("sub-account", "account, subscription or project"), ("service", "service"), ("region", "region")):
        adds.add_argument(f"--{name}", metavar="NAME", help=f"only charges of this {text}, as the ledger has it")
    adds.add_argument("--tag", action="append", default=[], metavar="KEY=VALUE", help="only charges with this declared tag")
    adds.add_argument("--resource", metavar="TEXT", help="what was changed; in words, since the ledger has no resources")
    adds.add_argument("--expected", metavar="AMOUNT", help="what it is expected to save in a month")
    adds.add_argument("--currency", metavar="CODE", help="currency of its charges; the account's by default")
    adds.add_argument(
        "--normalise-by", metavar="UNIT", help='what costs are set against: a unit of the ledger such as Requests, "other spend" '
        "of the account, or days; by default the units of its own charges. What means to use less needs one of the others",
    )  # fmt: skip
    adds.add_argument("--driver-service", metavar="NAME", help="take the quantity of that unit from this service")
    adds.add_argument("--source", default=COMMAND_LINE, metavar="TEXT", help="where it comes from: address of a merge request")
