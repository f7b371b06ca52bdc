"""How much a query looks at, by its plan."""

from collections.abc import Mapping
from typing import Any


def rows_looked_at(plan: Mapping[str, Any]) -> float:
    """By all scans of a plan that was analysed, those that a filter left out too."""
    own = (
        (plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0)) * plan["Actual Loops"] if "Scan" in plan["Node Type"] else 0
    )
    return float(own) + sum(rows_looked_at(each) for each in plan.get("Plans", []))
