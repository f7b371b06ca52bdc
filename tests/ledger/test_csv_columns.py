"""CSV files with declared columns: numbers and dates exactly as declared, everything else refused by name."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from tests.ledger.world import Books
from upkeep.errors import BrokenError

GERMAN = {"day": "Datum", "cost": "Betrag", "delimiter": ";", "decimal": ",", "thousands": ".", "date_format": "%d.%m.%Y"}


def csv(ledger: Books, text: str) -> Path:
    """A file of the place."""
    path = ledger.folder / "bill.csv"
    path.write_text(text)
    return path


def account(**more: Any) -> dict[str, Any]:
    """An account that reads German CSV."""
    return {"source": "csv", "provider": "other", "columns": {**GERMAN, **more}, "tag_keys": []}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,50", "1.50"),
        ("1.234,56", "1234.56"),
        ("-0,01", "-0.01"),
        ("12", "12"),
        ("1234567,8", "1234567.8"),
        ("1.234.567", "1234567"),
    ],
)
def test_decimal_commas_are_read_as_declared(ledger: Books, text: str, value: str) -> None:
    csv(ledger, f"Datum;Betrag\n05.09.2026;{text}\n")
    ledger.bring(account=account())
    assert ledger.rows("select day::text, billed_cost, currency, service from upkeep.spend_now") == [
        ("2026-09-05", Decimal(value), "EUR", "unassigned")
    ]


@pytest.mark.parametrize("text", ["1.50", "1,234.56", "12.34,5", "1,5 €", "(5,00)", "5,00-", "", "nan", "1..2", "0x1"])
def test_a_number_written_otherwise_is_refused(ledger: Books, text: str) -> None:
    csv(ledger, f"Datum;Betrag\n05.09.2026;{text}\n")
    with pytest.raises(BrokenError, match=r"bill\.csv.*Betrag"):
        ledger.bring(account=account())
    assert ledger.value("select count(*) from upkeep.spend") == 0


@pytest.mark.parametrize("text", ["2026-09-05", "31.02.2026", "", "5. September"])
def test_a_day_written_otherwise_is_refused(ledger: Books, text: str) -> None:
    csv(ledger, f"Datum;Betrag\n{text};1\n")
    with pytest.raises(BrokenError, match=r"bill\.csv.*Datum"):
        ledger.bring(account=account())


def test_a_point_is_no_thousands_sign_unless_declared(ledger: Books) -> None:
    csv(ledger, "Datum;Betrag\n05.09.2026;1.500\n")
    with pytest.raises(BrokenError, match=r"1\.500"):
        ledger.bring(account=account(thousands=""))


def test_every_declared_column_is_kept(ledger: Books) -> None:
    text = "Datum;Betrag;Dienst;Konto;Art;W;Kostenstelle\n05.09.2026;1 000,5;S3;k1;Tax;USD;4711\n05.09.2026;2;;;;EUR;\n"
    csv(ledger, text)
    more = {
        "service": "Dienst",
        "sub_account": "Konto",
        "category": "Art",
        "currency": "W",
        "tags": {"cost center": "Kostenstelle"},
    }
    ledger.bring(account=account(thousands=" ", **more))
    rows = ledger.rows("select service, sub_account, category, currency, tags, billed_cost from upkeep.spend_now order by 4")
    assert rows == [
        ("unassigned", "aws", "Usage", "EUR", {}, 2),
        ("S3", "k1", "Tax", "USD", {"cost center": "4711"}, Decimal("1000.5")),
    ]


def test_a_declared_column_that_is_not_there_is_named_with_the_nearest(ledger: Books) -> None:
    csv(ledger, "Datum;Betraege\n05.09.2026;1\n")
    with pytest.raises(BrokenError, match=r'no column "Betrag".*Betraege'):
        ledger.bring(account=account())


def test_other_columns_read_the_same_file_again(ledger: Books) -> None:
    csv(ledger, "Datum;Betrag;Netto\n05.09.2026;119;100\n")
    ledger.bring(account=account())
    ledger.bring(41, account=account(cost="Netto"))
    assert ledger.value("select billed_cost from upkeep.spend_now") == 100


@pytest.mark.parametrize(
    "wrong",
    [
        {"columns": None},
        {"source": "focus"},
        {"columns": {**GERMAN, "thousands": ","}},
        {"place": None},
        {"source": "cost_explorer"},
    ],
)
def test_what_does_not_fit_together_is_refused_by_the_inventory(ledger: Books, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ledger.account(**{**account(), **wrong})
