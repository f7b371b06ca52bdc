"""Whether what a measure names is there: tags of the inventory, and names of the ledger."""

import argparse
from collections import defaultdict
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, Any

from upkeep.cli.out import warn
from upkeep.errors import UpkeepError
from upkeep.ledger.measure_taken import COMMAND_LINE, DAYS, OTHER_SPEND, Measure
from upkeep.sources.postgres_errors import translate_errors
from upkeep.store.answers import sql
from upkeep.store.opportunities import Offered
from upkeep.suggestions import nearest
from upkeep.targets.account import Account

if TYPE_CHECKING:
    import psycopg


def checked(connection: "psycopg.Connection[Any]", measure: Measure, account: Account) -> None:
    """Raises UpkeepError that names what is not there. Where the ledger is empty, that is only said."""
    for key in measure.tags:
        if key not in account.tag_keys:
            raise UpkeepError(f"--tag {key}: {account.name} declares no such tag{nearest(key, account.tag_keys)}")
    if measure.driver_service and measure.normalised_by in {None, OTHER_SPEND, DAYS}:
        raise UpkeepError("--driver-service says whose quantity counts: give its unit as --normalise-by")
    names = _ledger_names(connection, account.name)
    if not names:
        warn(f"the ledger has no costs of {account.name} yet: what the measure names could not be looked up")
        return
    unit = None if measure.normalised_by in {OTHER_SPEND, DAYS} else measure.normalised_by
    looked_up = (
        ("--sub-account", measure.sub_account, "sub_account"), ("--service", measure.service, "service"),
        ("--region", measure.region, "region"), ("--currency", measure.currency, "currency"),
        ("--normalise-by", unit, "unit"), ("--driver-service", measure.driver_service, "service"),
    )  # fmt: skip
    for option, name, kind in looked_up:
        if name is not None and name not in names[kind]:
            more = {OTHER_SPEND, DAYS} if kind == "unit" else set()
            raise UpkeepError(f'{option}: the ledger of {account.name} has no "{name}"{nearest(name, names[kind] | more)}')


def fill_from(given: argparse.Namespace, found: Offered) -> None:
    """What the words of a command do not say, from the opportunity that it takes up."""
    filled = {
        "name": f"{found.rule} {found.name}", "what": f"{found.rule}: {found.resource}", "resource": found.resource,
        "expected": f"{found.expected}", "currency": found.currency, "sub_account": found.sub_account, "region": found.region,
        "normalise_by": DAYS,
    }  # fmt: skip
    for name, value in filled.items():
        if getattr(given, name) is None:
            setattr(given, name, value)
    if given.source == COMMAND_LINE:
        given.source = given.opportunity


def _ledger_names(connection: "psycopg.Connection[Any]", account: str) -> Mapping[str, AbstractSet[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    with translate_errors():
        for kind, name in connection.execute(sql("ledger_names"), {"account": account}):
            found[kind].add(name)
    return found
