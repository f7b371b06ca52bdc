"""log_groups_without_retention: kept for ever, and large."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.checks.costs.cloud import NOW, Cloud
from upkeep.opportunities.prices import Prices
from upkeep.opportunities.rule import Saving, Young
from upkeep.opportunities.rules.log_groups_without_retention import log_groups_without_retention
from upkeep.opportunities.view import Limits, View

RULE = "log_groups_without_retention"
GB = 2**30


def found(groups: list[dict[str, Any]]) -> list[Any]:
    """Moto stores no bytes, so that the listing is given."""
    view = View("eu-central-1", NOW, Limits(), Prices())
    view.seen["logs", "describe_log_groups", "eu-central-1", "[]"] = list(groups)
    return list(log_groups_without_retention.look(view))


def group(days: int, stored: int = 100 * GB, **more: Any) -> dict[str, Any]:
    return {
        "logGroupName": "/it's",
        "storedBytes": stored,
        "creationTime": (NOW - timedelta(days=days)).timestamp() * 1000,
        **more,
    }


@pytest.mark.baseline
def test_one_with_a_retention_or_without_bytes_is_fine(cloud: Cloud) -> None:
    assert found([group(200, retentionInDays=3653), group(200, 0)]) == []
    assert cloud.ask().findings == ()


@pytest.mark.near_miss
def test_one_that_is_not_older_than_what_would_be_kept(cloud: Cloud) -> None:  # noqa: ARG001 - no call leaves
    assert found([group(90)]) == [Young("/it's")]


@pytest.mark.fault
def test_what_is_older_is_saved() -> None:
    (saving,) = found([group(180)])
    assert isinstance(saving, Saving)
    assert (saving.price.low, saving.price.expected, saving.price.high) == (Decimal(0), Decimal("1.500"), Decimal("3.00"))
    assert "'/it'\"'\"'s'" in saving.remedy
