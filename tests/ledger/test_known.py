"""What was known of the ledger at a moment, and what is known now, by definition: of every row the newest version until then."""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from tests.ledger.world import FIRST, Books, charge
from tests.plans import rows_looked_at

BEGIN = datetime(2026, 9, 1, tzinfo=UTC)
_BY_DEFINITION = """
    select distinct on (spend.day, spend.key) spend.*
    from upkeep.spend
    where spend.account = 'aws'
    and spend.day between '{first}' and '{last}'
    and spend.said_at <= greatest('{by}', (
        select min(said.said_at)
        from upkeep.spend as said
        where said.account = 'aws'
        and said.billing_period = spend.billing_period
        and said.day >= date_trunc('month', date '{first}')
        and said.day < date_trunc('month', date '{last}') + interval '1 month'
    ))
    order by spend.day, spend.key, spend.version desc
"""
COLUMNS = "day, key, version, billing_period, billed_cost, source_rows"


@pytest.fixture
def told(ledger: Books) -> Books:
    """Two months of which some rows were said again, some taken back, some by an import that was overtaken by another."""
    chance = random.Random(7)  # noqa: S311 - a bill, not a secret
    with ledger.lab.endpoint.connect("fill") as connection:
        connection.execute(
            "insert into upkeep.spend_delivery (account, what, said_at, source_rows) values ('aws', 'f', now(), 1)"
        )
        with connection.cursor() as cursor:
            cursor.executemany(_INSERT, list(rows(chance)))
    return ledger


_INSERT = """
    insert into upkeep.spend (
        account, day, key, version, billing_period, provider, billing_account, sub_account, service, category, tags, currency,
        billed_cost, source_rows, said_at, delivery
    )
    select %s, %s, md5(%s)::uuid, %s, %s, 'aws', 'bill', 'a', 's', 'Usage', '{}', 'EUR', %s, %s, %s, max(id)
    from upkeep.spend_delivery
"""


def rows(chance: random.Random) -> Iterator[list[Any]]:
    """Rows of two accounts with up to five versions each."""
    for number in range(600):
        day = FIRST + timedelta(days=chance.randrange(61))
        period = chance.choice([day.replace(day=1), date(2026, 11, 1)])
        for version in range(1, chance.choice([1, 1, 1, 2, 3, 5]) + 1):
            # Mostly later than the version before; two imports at once may end in the other order.
            said = BEGIN + timedelta(days=20 * version + chance.choice([0, 0, 5, 45]))
            amount = chance.randrange(-5, 20)
            yield [
                chance.choice(["aws"] * 4 + ["other"]) if version == 1 else "aws", day, f"{number}", version, period, amount,
                chance.choice([0, 3, 3, 3]), said,
            ]  # fmt: skip


@pytest.mark.parametrize("by", [0, 20, 27, 40, 62, 64, 66, 85, 130, 400])
@pytest.mark.parametrize(("first", "last"), [(0, 60), (10, 40), (35, 35)])
def test_of_every_row_the_newest_version_until_then(told: Books, by: int, first: int, last: int) -> None:
    about = {"first": FIRST + timedelta(days=first), "last": FIRST + timedelta(days=last), "by": BEGIN + timedelta(days=by)}
    definition = _BY_DEFINITION.format(**about)
    expected = told.rows(f"select {COLUMNS} from ({definition}) as one where source_rows > 0 order by 1, 2, 3, 5")
    known = "upkeep.spend_known('aws', '{first}', '{last}', '{by}')".format(**about)
    assert told.rows(f"select {COLUMNS} from {known} order by 1, 2, 3, 5") == expected
    assert expected or by < 40


def test_now_the_newest_of_all(told: Books) -> None:
    newest = "select distinct on (account, day, key) * from upkeep.spend order by account, day, key, version desc"
    expected = told.rows(f"select {COLUMNS} from ({newest}) as one where source_rows > 0 order by 1, 2, 3, 5")
    assert told.rows(f"select {COLUMNS} from upkeep.spend_now order by 1, 2, 3, 5") == expected
    assert len(expected) > 300


def test_it_takes_no_square_of_the_rows_in_a_ledger_without_statistics(ledger: Books) -> None:
    """Whether later versions are looked up or put beside: not one look at all rows for each of them."""
    ledger.put("a.csv", [charge(day % 30, ServiceName=f"s{day}") for day in range(900)])
    ledger.bring()
    assert ledger.value("select count(*) from pg_stats where tablename = 'spend'") == 0
    known = "upkeep.spend_known('aws', '2026-09-01', '2026-09-30', now())"
    plan = ledger.value(f"explain (analyze, format json) select * from {known}")
    assert rows_looked_at(plan[0]["Plan"]) < 900 * 20
