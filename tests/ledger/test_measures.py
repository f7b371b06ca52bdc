"""Sums of sums are the sums of the rows, whatever a file's rows are summed by first."""

from decimal import Decimal

import pytest

from upkeep.ledger.measures import AMOUNTS, NAMES, TOTALS, sums
from upkeep.sources.duck import duckdb_session

# Two groups of the file that are one row of the ledger; amounts are billed, effective, contracted, list, quantity.
ROWS = [
    ("a", "1.10", "1.00", "1.20", "1.30", "1"), ("a", "2.20", "2.00", None, "0", "2"), ("b", "-0.30", "0", "0", None, None),
]  # fmt: skip
FIRST = {
    "billed_cost": "3.00", "contracted_cost": "1.20", "list_cost": "1.30", "contracted_missing": "2.00", "list_missing": "2.00",
    "quantity": "3",
}  # fmt: skip


def totals(rows: list[tuple[str | None, ...]]) -> dict[str, object]:
    first = ", ".join(f"{sql} as {name}" for name, sql in sums({name: name for name in AMOUNTS}).items())
    columns = ", ".join(f"{name} decimal(38, 18)" for name in AMOUNTS)
    with duckdb_session(64 << 20) as session:
        session.execute(f"create table file (part varchar, {columns})")
        session.executemany("insert into file values (?, ?, ?, ?, ?, ?)", rows)
        inner = f"select part, null::varchar as sub_account_name, null::varchar as bad, false as provisional, {first} from file"
        found = session.execute(f"select {TOTALS} from ({inner} group by part)")
        return dict(zip([column[0] for column in found.description], found.fetchone(), strict=True))


def test_every_first_sum_has_its_name() -> None:
    assert tuple(sums({name: name for name in AMOUNTS})) == NAMES


def test_sums_of_groups_are_the_sums_of_their_rows() -> None:
    found = totals(list(ROWS))
    assert {name: found[name] for name in FIRST} == {name: Decimal(value) for name, value in FIRST.items()}
    assert (found["effective_cost"], found["source_rows"]) == (Decimal("3.00"), 3)


@pytest.mark.parametrize("row", range(3))
def test_an_effective_cost_that_one_row_does_not_tell_is_unknown_for_all(row: int) -> None:
    rows: list[tuple[str | None, ...]] = [*ROWS]
    rows[row] = (*rows[row][:2], None, *rows[row][3:])
    assert totals(rows)["effective_cost"] is None
