"""currency_rates of the inventory: what is refused, and what stands in the report database."""

from pathlib import Path

import pytest

from tests.lab import Lab
from upkeep.config.inventory import Inventory, load
from upkeep.errors import InventoryError
from upkeep.store.answers import connected
from upkeep.store.migrate import migrate
from upkeep.store.sync_definitions import declare

PEOPLE = "people: [{name: ann, role: dba, slack: U0ANN}]\n"
EUR = "{day: 2026-10-30, from_currency: EUR, to_currency: USD, rate: 1.0850, source: ECB}"
GBP = "{day: 2026-10-30, from_currency: GBP, to_currency: USD, rate: '1.30', source: ECB}"


def inventory(folder: Path, *rates: str) -> Inventory:
    path = folder / "inventory.yaml"
    path.write_text(PEOPLE + "currency_rates:\n" + "".join(f"  - {rate}\n" for rate in rates) if rates else PEOPLE)
    return load(path)


@pytest.mark.parametrize(
    ("rates", "reason"),
    [
        ((EUR, GBP.replace("USD", "CHF")), "to_currency is CHF and USD"),
        ((EUR, EUR.replace("1.0850", "1.1")), "2026-10-30 has two rates of EUR"),
        ((EUR.replace("EUR", "USD"),), "has a rate of USD to itself"),
        ((EUR.replace("1.0850", "0"),), "expected an amount above zero"),
        ((EUR.replace("1.0850", "1,0850"),), "rate"),
        ((EUR.replace("EUR", "euro"),), "from_currency"),
        ((EUR.replace("2026-10-30", "yesterday"),), "day"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, rates: tuple[str, ...], reason: str) -> None:
    with pytest.raises(InventoryError, match=reason):
        inventory(tmp_path, *rates)


def test_what_is_declared_stands_in_the_report_database_and_goes_with_it(lab: Lab, tmp_path: Path) -> None:
    migrate(lab.endpoint)
    text = "concat_ws(' ', day, from_currency, to_currency, rate, source)"
    looked = f"select string_agg({text}, ', ' order by from_currency) from upkeep.currency_rate"

    def declared(*rates: str) -> object:
        with connected(lab.endpoint) as connection:
            declare(connection, inventory(tmp_path, *rates), [])
        return lab.value(looked)

    assert declared(EUR, GBP) == "2026-10-30 EUR USD 1.085 ECB, 2026-10-30 GBP USD 1.30 ECB"
    assert declared(EUR.replace("1.0850", "1.09")) == "2026-10-30 EUR USD 1.09 ECB"
    assert declared() is None
