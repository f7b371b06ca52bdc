"""Accounts: what their examination says, and the least policy that it names."""

from pathlib import Path
from typing import Any

import boto3
import pytest
from pydantic import ValidationError

from tests.ledger.cost_explorer import StandIn, failing
from tests.ledger.explorer_commitments import Commitments
from upkeep.errors import BrokenError
from upkeep.sources.aws_policy import bucket_policy
from upkeep.sources.objects import ObjectStore, open_store
from upkeep.targets.account import Account
from upkeep.targets.diagnosis import Diagnosis, Level


class Opening:
    """Connections that lead to this client and to any folder; S3 refuses as it is told."""

    def __init__(self, client: Any = None, refused: str = "") -> None:
        self.client, self.refused = client, refused

    def aws(self, connection_id: str | None, service: str, region: str | None = None) -> Any:  # noqa: ARG002 - there is one
        """The client."""
        return self.client

    def objects(self, url: str, connection_id: str | None) -> ObjectStore:  # noqa: ARG002 - no credentials are known
        """A folder, or a bucket that refuses."""
        if self.refused:
            raise BrokenError(f"could not {self.refused} at {url}: access is denied", retry=False)
        return open_store(url)

    def postgres(self, connection_id: str) -> Any:
        """None is needed."""
        raise NotImplementedError(connection_id)


def examined(connections: Opening, **fields: Any) -> Diagnosis:
    """The one line about the account."""
    account = Account.model_validate({"name": "bill", "owner": "ann", "provider": "aws", **fields})
    (found,) = account.examine(connections, ())
    return found


def test_a_place_with_files_is_fine(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x")
    found = examined(Opening(), place=tmp_path.as_uri())
    assert (found.level, found.text) == (Level.OK, f"1 file in {tmp_path.as_uri()}")


def test_an_empty_place_needs_a_person(tmp_path: Path) -> None:
    assert examined(Opening(), place=tmp_path.as_uri()).level is Level.NO


@pytest.mark.parametrize(("refused", "action"), [("list", "s3:ListBucket"), ("read a.csv", "s3:GetObject")])
def test_the_missing_action_of_a_bucket_is_named_with_its_policy(refused: str, action: str) -> None:
    found = examined(Opening(refused=refused), place="s3://bills/focus")
    assert found.level is Level.NO
    assert found.remedy.startswith(f"allow {action}: ")
    assert '"arn:aws:s3:::bills/focus/*"' in found.remedy


class Whole(StandIn):
    """Both stand-ins as one client, which refuses one operation."""

    def __init__(self, refused: str = "") -> None:
        super().__init__([])
        self.told = Commitments(faults=lambda _, name: failing("AccessDenied") if name == refused else None)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.told, name)


def test_cost_explorer_is_asked_once_by_each_method() -> None:
    client = Whole()
    found = examined(Opening(client), source="cost_explorer")
    assert (found.level, len(client.asked), len(client.told.asked)) == (Level.OK, 1, 4)
    assert '"Action": ["ce:GetCostAndUsage", "ce:GetSavingsPlansUtilization", ' in found.text


def test_a_right_that_only_commitments_lacks_is_named() -> None:
    account = Account(name="bill", owner="ann", provider="aws", source="cost_explorer")
    costs, plans = account.examine(Opening(Whole("GetSavingsPlansCoverage")), ())
    assert (costs.level, plans.level, plans.about) == (Level.OK, Level.NO, "commitments")
    assert "refuses ce:GetSavingsPlansCoverage" in plans.text


@pytest.mark.parametrize("fields", [{"tag_keys": ["team"]}, {"source": "focus", "place": "file:///bills", "tag_keys": ["Team"]}])
def test_cost_categories_are_of_cost_explorer_and_among_the_tags(fields: dict[str, Any]) -> None:
    own = {"name": "bill", "owner": "ann", "provider": "aws", "source": "cost_explorer", "cost_categories": ["Team"]}
    with pytest.raises(ValidationError, match="cost_categories"):
        Account.model_validate({**own, **fields})


def test_cost_explorer_that_refuses_names_its_policy() -> None:
    found = examined(Opening(StandIn([], lambda _: failing("AccessDeniedException"))), source="cost_explorer")
    assert (found.level, found.unmet) == (Level.NO, None)
    assert '"Action": ["ce:GetCostAndUsage", ' in found.remedy


def test_a_folder_needs_no_policy() -> None:
    assert bucket_policy("file:///bills") is None


def test_only_the_names_of_boto3_are_used() -> None:
    assert callable(boto3.client("ce", region_name="us-east-1").get_cost_and_usage)
