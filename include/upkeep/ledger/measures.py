"""
What is summed for a ledger row, as SQL of DuckDB: of the rows of a file, and again of such sums.

A file's rows are first summed by its own columns as they stand, so that texts are read once for each group and not for each row.
"""

from collections.abc import Mapping

AMOUNTS = ("billed", "effective", "contracted", "list", "quantity")
NAMES = (
    "billed_cost", "effective_cost", "effective_rows", "contracted_cost", "list_cost", "contracted_missing", "list_missing",
    "quantity", "source_rows",
)  # fmt: skip
TOTALS = """
    sum(billed_cost) as billed_cost,
    case when sum(effective_rows) = sum(source_rows) then sum(effective_cost) end as effective_cost,
    sum(contracted_cost) as contracted_cost,
    sum(list_cost) as list_cost,
    sum(contracted_missing) as contracted_missing,
    sum(list_missing) as list_missing,
    sum(quantity) as quantity,
    sum(source_rows) as source_rows,
    max(sub_account_name) as sub_account_name,
    min(bad) as bad,
    bool_or(provisional) as provisional
"""


def sums(amounts: Mapping[str, str], compared: Mapping[str, str] | None = None) -> dict[str, str]:
    """
    The first sums by name; `amounts` are expressions of one row for each of `AMOUNTS`.

    `compared` are the same as numbers of any kind: floating point ones are compared in a fraction of the time.
    """
    effective, plain = amounts["effective"], compared or amounts
    return {
        "billed_cost": f"sum({amounts['billed']})",
        "effective_cost": f"sum({effective})",
        "effective_rows": f"count({effective})",
        "contracted_cost": f"sum({amounts['contracted']})",
        "list_cost": f"sum({amounts['list']})",
        "contracted_missing": _missing(effective, plain["effective"], plain["contracted"]),
        "list_missing": _missing(effective, plain["effective"], plain["list"]),
        "quantity": f"sum({amounts['quantity']})",
        "source_rows": "count(*)",
    }


def _missing(effective: str, plain: str, other: str) -> str:
    """Effective cost of rows without the other one."""
    return f"coalesce(sum(case when {plain} > 0 and coalesce({other}, 0) = 0 then {effective} end), 0)"
