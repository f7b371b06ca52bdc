"""The page of costs and the way down from it: every number leads to the rows that it is made of, in one currency."""

import html
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from fastapi import Depends, HTTPException
from starlette.testclient import TestClient

from tests.lab import Lab
from tests.ledger.world import FIRST, Books, books_of, charge, emptied
from upkeep.checks.costs.budgets import budgets
from upkeep.checks.costs.spend_anomalies import spend_anomalies
from upkeep.sources.scratch import ScratchServer
from upkeep.ui.app import create_app
from upkeep.window import Window

KEY = """o'br"ien` <b>&/é?=#%2F\\"""
VALUE = """<script>alert("'")</script>"""
COMPUTE = {"SubAccountId": "a/b c&d", "SubAccountName": "Produ<i>ction", "RegionId": "eu-central-1"}
END = datetime(2026, 11, 20, tzinfo=UTC)
_RUN = """
    insert into upkeep.run (cadence, window_start, window_end, dag_id, run_id, run_type, thread, started_at)
    values ('daily', '2026-11-19Z', '2026-11-20Z', 'daily', 'r', 'scheduled', 't', '2026-11-20Z')
"""


def rows(books: Books) -> None:
    """Eighty days: steady computing that jumps, storage without a region, another currency, a month that changes."""
    begin = FIRST
    days = [begin + timedelta(days=n) for n in range(80)]
    compute = [
        charge(day, f"{100 + n % 7}" if n < 74 else "400", Tags=json.dumps({KEY: VALUE}), **COMPUTE) for n, day in enumerate(days)
    ]
    storage = [charge(day, "20", ServiceName='Sto"rage', RegionId=None, Tags=None) for day in days]
    francs = [charge(day, "7777", ServiceName="Support", BillingCurrency="CHF", RegionId=None) for day in days[:3]]
    books.put("a.csv", [*compute, *storage, *francs])
    books.bring(79)
    corrected = charge(4, "50", ServiceName='Sto"rage', RegionId=None, Tags=None, ChargeClass="Correction")
    books.put("b.csv", [corrected])
    books.bring(79)


@pytest.fixture(scope="module")
def books(server: ScratchServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Books]:
    with books_of(server, "costs_page") as lab:
        made = emptied(lab, tmp_path_factory.mktemp("bill"))
        made.fields = {
            "tag_keys": [KEY], "currency": "EUR", "deliveries": "parts",
            "budgets": [{"name": "all", "amount": "1000"}, {"name": "storage", "amount": "900", "service": 'Sto"rage'}],
        }  # fmt: skip
        rows(made)
        lab.run(_RUN)
        for duty in (budgets, spend_anomalies):
            made.ask_about(duty, Window(END - timedelta(days=1), END), END)
        yield made


@pytest.fixture(scope="module")
def client(books: Books) -> TestClient:
    return TestClient(create_app(lambda: books.lab.endpoint, []), base_url="http://test/")


@pytest.fixture
def empty(lab: Lab) -> TestClient:
    from upkeep.store.migrate import migrate

    migrate(lab.endpoint)
    return TestClient(create_app(lambda: lab.endpoint, []), base_url="http://test/")


def test_without_a_bill_it_says_what_to_do(empty: TestClient, lab: Lab) -> None:
    assert "name one under <code>accounts</code>" in empty.get("/costs").text
    columns = "name, kind, owner, red_at, tags, active"
    lab.run(f"insert into upkeep.target ({columns}) values ('aws', 'accounts', 'ann', 'high', '{{}}', true)")
    page = empty.get("/costs")
    assert page.status_code == 200
    for what in (
        "upkeep job import_costs aws",
        "name <code>budgets</code>",
        "looked for anomalies",
        "savings",
        "upkeep cost measure add aws",
    ):
        assert what in page.text, what
    assert empty.get("/costs?account=awss").status_code == 404
    assert 'href="costs?account=aws"' in empty.get("/costs?account=awss").text


def test_months_by_service_with_what_was_restated(client: TestClient) -> None:
    page = client.get("/costs").text
    assert "Costs of aws" in page
    assert page.count('class="tone-1"') >= 3
    assert "November 2026: " in page
    assert ", so far" in page
    assert page.count(">restated</span>") == 1
    assert "+50.00 EUR" in page
    assert "correction" in page
    assert 'aria-current="page">Costs<' in page


def test_two_currencies_are_two_pages_and_never_added(client: TestClient) -> None:
    euros, francs = client.get("/costs").text, client.get("/costs?account=aws&currency=CHF").text
    assert "This bill has 2 currencies" in euros
    assert "23,331.00 CHF" in francs
    assert "CHF" not in re.sub(r"<nav.*?</nav>", "", euros, flags=re.DOTALL)
    assert "EUR" not in re.sub(r"<nav.*?</nav>|Of all currencies [^\n]*", "", francs, flags=re.DOTALL)
    assert client.get("/costs?currency=XYZ").text == euros, "what the bill has not is as if nothing was asked"


def test_budgets_stand_with_their_interval(client: TestClient, books: Books) -> None:
    page = client.get("/costs").text
    low, high = books.rows("select low, high from upkeep.budget_forecast where budget = 'storage'")[0]
    assert f"{low:,.2f} to {high:,.2f}" in page
    assert '<span class="mark high">spent</span>' in page
    assert '<span class="mark ok">within</span>' in page


def test_an_anomaly_says_what_was_expected_and_leads_to_its_days(client: TestClient, books: Books) -> None:
    page = client.get("/costs").text
    expected, came, excess = books.rows("select expected, came, excess from upkeep.spend_anomaly where part = 'Compute'")[0]
    for amount in (f"{expected:,.2f} EUR", f"{came:,.2f} EUR", f"{excess:+,.2f} EUR"):
        assert amount in page, amount
    assert "mostly price" in page, "as much use, and dearer"
    days = client.get("/" + link(page, "Compute"))
    assert f"{came:,.2f} EUR" in days.text


def link(page: str, text: str) -> str:
    """The address that stands behind this text, as a browser reads it."""
    anchors = re.findall(r'<a [^>]*href="([^"]*)"[^>]*>(?:<b>|<i>)?([^<]*)<', page)
    here = {html.unescape(said): html.unescape(href) for href, said in anchors}
    assert text in here, (text, sorted(here))
    return here[text]


def test_it_leads_from_the_account_to_rows_with_version_and_delivery(client: TestClient, books: Books) -> None:
    page = client.get("/spend?account=aws&currency=EUR&first=2026-09-01&last=2026-09-30").text
    assert whole(page) == books.value(
        "select sum(effective_cost) from upkeep.spend_now where currency = 'EUR' and day between '2026-09-01' and '2026-09-30'"
    )
    page = client.get("/" + link(page, "production")).text
    page = client.get("/" + link(page, 'Sto"rage')).text
    assert "<h2" in page
    assert "Regions" in page
    page = client.get("/" + link(page, "no region")).text
    assert whole(page) == Decimal(650)
    day = link(page, "2026-09-05")
    assert parse_qs(urlsplit(day).query)["service"] == ['Sto"rage']
    page = client.get("/" + day).text
    assert "70.00 EUR" not in page, "the correction is a row of its own"
    assert page.count("delivery ") == 2
    assert "Correction" in page
    for crumb in ("aws", "production", 'Sto"rage', "no region"):
        assert client.get("/" + link(page, crumb)).status_code == 200, crumb


def whole(page: str) -> Decimal:
    """What stands in the line "All"."""
    found = re.search(r'All</th><td class="num"><b>([\d,.-]+) ', page)
    assert found
    return Decimal(found[1].replace(",", ""))


def test_opportunities_by_money_and_savings_stand_with_their_intervals(client: TestClient, books: Books) -> None:
    books.lab.run(_SAVED)
    page = client.get("/costs").text
    assert page.index("vol-dear") < page.index("vol-cheap") < page.index("vol-kept"), "by money, what must not be touched last"
    assert "130.00 EUR a month (110.00 to 150.00)" in page, "what must not be touched is in no total"
    assert "must not be touched: tag keep" in page
    assert "aws ec2 delete-volume" in page
    assert "-12.50 EUR" in page, "a measure that costs more says so"
    assert "in 1 whole month: -20.00 to -5.00" in page
    assert "not measured yet" in page
    assert "vol-franc" not in page


_SAVED = """
    insert into upkeep.answer (
        duty, target, window_start, window_end, cadence, status, summary, evidence, asked_at, seconds, dag_id, run_id, task_id,
        map_index, try_number
    )
    select
        duty, 'aws', '2026-11-19Z', '2026-11-20Z', 'daily', 'breach', 'x', '{}', '2026-11-20Z', 1, 'daily', 'r', 'x', 0, 1
    from unnest(array['opportunities', 'savings']) as duty;

    insert into upkeep.opportunity
    select
        'opportunities', 'aws', '2026-11-19Z', '2026-11-20Z', 'unattached_volume', 'eu-central-1', resource, 'a', null,
        money - 10, money, money + 10, currency, 'ledger', 'high', 'low', '`aws ec2 delete-volume` <b>',
        'aws ec2 describe-volumes',
        '{}', protected_by
    from (
        values
            ('vol-cheap', 30, 'EUR', null),
            ('vol-kept', 900, 'EUR', 'tag keep'),
            ('vol-dear', 100, 'EUR', null),
            ('vol-franc', 5000, 'CHF', null)
    ) as found(resource, money, currency, protected_by);

    insert into upkeep.measure (account, name, what, taken_on, taken_by, currency, source)
    values
        ('aws', 'volumes', 'old volumes <i>gone</i>', '2026-09-02', 'ann', 'EUR', 'command line'),
        ('aws', 'new', 'just begun', '2026-11-10', 'ann', 'EUR', 'command line');

    insert into upkeep.saving (
        duty, target, window_start, window_end, measure, month, currency, state, days_known, days, months_before, normalised_by,
        cost, counterfactual, saved, low, high, price, discount, shared, note
    )
    values (
        'savings', 'aws', '2026-11-19Z', '2026-11-20Z', 'volumes', '2026-10-01', 'EUR', 'measured', 31, 31, 3, 'days',
        112.5, 100, -12.5, -20, -5, 0, 0, 0, 'dearer than before'
    )
"""


def test_names_with_every_quote_are_text_and_lead_on(client: TestClient) -> None:
    page = client.get("/spend?account=aws&currency=EUR&first=2026-09-01&last=2026-09-30").text
    page = client.get("/" + link(page, "a/b c&d")).text
    page = client.get("/" + link(page, "Compute")).text
    assert "<script>alert" not in page
    assert "<b>&amp;/" not in page.replace("&lt;b&gt;", "")
    address = link(page, VALUE)
    assert parse_qs(urlsplit(address).query)["key"] == [KEY]
    assert parse_qs(urlsplit(address).query)["value"] == [VALUE]
    days = client.get("/" + address)
    assert whole(days.text) == sum((Decimal(100 + n % 7) for n in range(30)), Decimal(0))
    entries = client.get("/" + link(days.text, "2026-09-30")).text
    assert "<script>alert" not in entries
    assert "Produ<i>" not in client.get("/spend?account=aws&currency=EUR&first=2026-09-01&last=2026-09-30").text


def test_replaced_versions_stand_below_the_newest(books: Books, client: TestClient, tmp_path: Path) -> None:
    day = "/spend?account=later&currency=EUR&first=2026-09-01&last=2026-09-30&day=2026-09-01"
    other = Books(books.lab, tmp_path)
    for cost in ("5", "8"):
        other.put("a.csv", [charge(0, cost, Tags=None)])
        other.bring(40, account={"name": "later", "tag_keys": [], "budgets": []})
    page = client.get(day).text
    assert page.index("8.00 EUR") < page.index(">replaced<") < page.index("5.00 EUR")
    assert whole(client.get(day.rpartition("&")[0]).text) == Decimal(8)


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("account=aws&currency=EUR&first=2026-09-01&last=yesterday", 400),
        ("currency=EUR&first=2026-09-01&last=2026-09-30", 400),
        ("account=nobody&currency=EUR&first=2026-09-01&last=2026-09-30", 404),
        ("account=aws&currency=EUR&first=2026-09-01&last=2026-09-30&sub=nothing", 200),
        ("account=aws&currency=EUR&first=2026-09-30&last=2026-09-01", 200),
        ("account=aws&currency=EUR&first=2026-09-01&last=2026-09-30&lacks=everything", 400),
        ("account=aws&currency=EUR&first=2026-09-01&last=2026-09-30&page=9", 200),
        ("account=aws&currency=EUR&first=2026-09-01&last=2026-09-30&sub=a%00b", 400),
    ],
)
def test_addresses_that_somebody_typed(client: TestClient, query: str, status: int) -> None:
    answer = client.get(f"/spend?{query}")
    assert answer.status_code == status, unquote(query)
    assert "Traceback" not in answer.text


def test_who_may_not_read_gets_403_here_too(books: Books) -> None:
    def refuse() -> None:
        raise HTTPException(403)

    guarded = TestClient(create_app(lambda: books.lab.endpoint, [Depends(refuse)]), base_url="http://test/")
    for page in ("costs", "spend?account=aws&currency=EUR&first=2026-09-01&last=2026-09-30"):
        answer = guarded.get(f"/{page}")
        assert answer.status_code == 403
        assert "Costs of" not in answer.text
