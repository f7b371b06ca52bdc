"""idle_databases: nobody connects."""

from decimal import Decimal

import pytest

from tests.checks.costs.cloud import RDS, REGION, Cloud, by_rule, client, days
from upkeep.answer import Status

RULE = "idle_databases"


def database(name: str = "shop", *, protected: bool = False) -> dict[str, str]:
    client("rds").create_db_instance(
        DBInstanceIdentifier=name,
        DBInstanceClass="db.m5.large", Engine="postgres", AllocatedStorage=10, MasterUsername="postgres",
        MasterUserPassword="not-a-secret", DeletionProtection=protected,
    )  # fmt: skip
    return {"DBInstanceIdentifier": name}


@pytest.mark.baseline
@pytest.mark.near_miss
def test_one_connection_in_all_days_is_enough(cloud: Cloud) -> None:
    about = database()
    cloud.measure("AWS/RDS", "DatabaseConnections", about, 0, only=days()[1:])
    cloud.measure("AWS/RDS", "DatabaseConnections", about, 1, only=days()[:1])
    assert cloud.ask().status is Status.OK


@pytest.mark.near_miss
def test_without_metrics_it_is_unknown(cloud: Cloud) -> None:
    database()
    answer = cloud.ask()
    assert (answer.status, "for 30 of 30 days" in answer.summary) == (Status.UNKNOWN, True)


@pytest.mark.near_miss
def test_a_new_one_is_too_young(cloud: Cloud) -> None:
    cloud.measure("AWS/RDS", "DatabaseConnections", database(), 0)
    cloud.seen(days_later=2)
    answer = cloud.ask()
    assert (answer.findings, answer.status) == ((), Status.OK)
    assert "1 too young" in answer.summary


@pytest.mark.fault
def test_its_hours_are_saved_at_what_is_paid(cloud: Cloud) -> None:
    cloud.pay(RDS, "9", "10")
    cloud.measure("AWS/RDS", "DatabaseConnections", database(), 0)
    assert by_rule(cloud.ask(), RULE) == [f"{REGION}/shop"]
    # 0.178 USD an hour, 730 hours, nine tenths of it.
    assert cloud.rows() == [(RULE, "shop", Decimal("116.95"), "ledger")]


def test_deletion_protection_is_respected(cloud: Cloud) -> None:
    cloud.measure("AWS/RDS", "DatabaseConnections", database(protected=True), 0)
    assert by_rule(cloud.ask(), RULE) == []
    assert cloud.rows("protected_by") == [("deletion protection",)]
