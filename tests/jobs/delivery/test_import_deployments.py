"""import_deployments: what each place tells is one row, whenever and however often it is told."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.delivery.kinds.test_git_tags import DAY, repository
from tests.lab import Lab, asking
from upkeep.answer import Answer
from upkeep.duty import Progress
from upkeep.errors import BrokenError
from upkeep.jobs.delivery.import_deployments import import_deployments
from upkeep.runner import ask
from upkeep.sources.connections import OneDatabase
from upkeep.targets.service import Service
from upkeep.window import Window

__all__ = ["repository"]
SIGNALS = {"kind": "query", "connection": "shop_db", "minutes": "select 1"}


def bring(reports: Lab, *places: dict[str, Any], window: Window = DAY, **thresholds: Any) -> Answer:
    service = Service.model_validate(
        {
            "name": "web",
            "owner": "ann",
            "signals": SIGNALS,
            "deployments": places,
            "thresholds": {"import_deployments": thresholds},
        }
    )
    asked = asking(import_deployments, service, OneDatabase(reports.endpoint), window=window, database=reports.session())
    return ask(asked, {Progress: lambda *_: None})


@pytest.mark.baseline
def test_tags_become_rows_with_their_changes(reports: Lab, repository: Path) -> None:
    place = {"kind": "git_tags", "path": str(repository)}
    bring(reports, place, window=_day_before())
    answer = bring(reports, place)
    assert answer.summary == "1 deployment told, 1 new or changed"
    assert reports.value("select string_agg(deployment, ' ' order by started_at) from upkeep.deployment") == "v1 v2"
    assert reports.value("select count(*) from upkeep.deployment_change where deployment = 'v2'") == 2
    assert reports.value("select count(*) from upkeep.deployment_change where deployment = 'v1'") == 0


@pytest.mark.near_miss
def test_the_same_window_again_writes_the_same(reports: Lab, repository: Path) -> None:
    place = {"kind": "git_tags", "path": str(repository)}
    first, again = bring(reports, place), bring(reports, place)
    assert (first.summary, again.summary) == ("1 deployment told, 1 new or changed", "1 deployment told, 0 new or changed")


@pytest.mark.fault
def test_a_place_that_is_broken_writes_nothing_of_itself(reports: Lab, tmp_path: Path) -> None:
    (tmp_path / "deployments.json").write_text(json.dumps([{"id": 1}]))
    with pytest.raises(BrokenError, match="without created_at"):
        bring(reports, {"kind": "github", "repository": "acme/shop", "files": f"file://{tmp_path}"})
    assert reports.value("select count(*) from upkeep.deployment") == 0


def test_commits_that_the_place_does_not_know_are_named(reports: Lab, tmp_path: Path) -> None:
    def told(number: int, sha: str) -> dict[str, Any]:
        at = f"2026-05-14T0{number}:00:00Z"
        (tmp_path / f"deployments/{number}").mkdir(parents=True)
        (tmp_path / f"deployments/{number}/statuses.json").write_text(json.dumps([{"state": "success", "created_at": at}]))
        return {"id": number, "sha": sha * 40, "environment": "production", "created_at": at}

    (tmp_path / "deployments.json").write_text(json.dumps([told(2, "b"), told(1, "a")]))
    answer = bring(reports, {"kind": "github", "repository": "acme/shop", "files": f"file://{tmp_path}"})
    assert "2 deployments told, 2 new or changed; changes not known: 2 (" in answer.summary


def test_a_dry_run_keeps_nothing(reports: Lab, repository: Path) -> None:
    assert "would keep 1 deployment" in bring(reports, {"kind": "git_tags", "path": str(repository)}, dry_run=True).summary
    assert reports.value("select count(*) from upkeep.deployment") == 0


def test_without_a_place_it_says_what_pipelines_may_do(reports: Lab) -> None:
    assert "pipelines may insert rows" in bring(reports).summary


def _day_before() -> Window:
    return Window(DAY.start - DAY.length, DAY.start)
