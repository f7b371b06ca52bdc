"""feature_gates: records of a real repository, as they were at the window's end."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.delivery.kinds.test_git_tags import run
from tests.delivery.world import WEEK, World
from tests.lab import asking, rules
from upkeep.answer import Answer
from upkeep.checks.delivery.feature_gates import feature_gates
from upkeep.delivery.gates import GATES
from upkeep.runner import ask
from upkeep.sources.connections import OneDatabase
from upkeep.sources.postgres import Endpoint
from upkeep.targets.repository import CodeRepository
from upkeep.window import Window

NOWHERE = OneDatabase(Endpoint("127.0.0.1", 1, "x", None, "x"))
LATER = Window(WEEK.end, WEEK.end + WEEK.length)


def record(stage: str, **fields: str) -> str:
    every = {gate.replace(" ", "_").replace("-", "_"): gate for gate in GATES}
    told = {every.get(name, name): value for name, value in (dict.fromkeys(every, "said") | fields).items()}
    return "\n".join(["---", "feature: Carts", f"stage: {stage}", *(f"{k}: {v}" for k, v in told.items()), "---", ""])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A repository with one file."""
    made = tmp_path / "shop"
    (made / "docs").mkdir(parents=True)
    (made / "docs/carts.md").write_text("Carts")
    run(made, "2026-05-01T09:00:00Z", "init", "-q", "-b", "main")
    commit(made, "2026-05-01T09:00:00Z")
    return made


def commit(folder: Path, at: str = "2026-05-12T09:00:00Z", **files: str) -> None:
    (folder / "features").mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / f"features/{name}.md").write_text(text)
    run(folder, at, "add", "-A")
    run(folder, at, "commit", "-q", "-m", "change")


def told(place: Path, window: Window = WEEK, **thresholds: Any) -> Answer:
    target = CodeRepository(name="shop", owner="ann", path=str(place), thresholds={"feature_gates": thresholds})
    return ask(asking(feature_gates, target, NOWHERE, window=window))


@pytest.mark.baseline
def test_a_feature_that_has_all(folder: Path, world: World) -> None:
    commit(folder, carts=record("done", design="docs/carts.md"), README="Not a record")
    answer = told(folder)
    assert rules(answer) == []
    assert answer.summary.endswith(": 0 without a gate that is due, 0 that cannot be read")
    assert [(m.name, m.numerator, m.denominator, m.n) for m in answer.metrics] == [("gates_passed", 14, 14, 1)]
    world.save("feature_gates", answer, WEEK, "shop")
    row = world.connection.execute("select path, feature, stage, owner, cardinality(due), missing from upkeep.feature_record")
    assert row.fetchall() == [("features/carts.md", "Carts", "done", None, 14, [])]


@pytest.mark.near_miss
def test_gates_of_later_stages_are_not_due(folder: Path) -> None:
    commit(folder, carts=record("rollout", usage="", feedback="", rollout=""))
    assert rules(told(folder)) == []


@pytest.mark.fault
def test_one_that_is_live_without_what_it_needs(folder: Path) -> None:
    commit(folder, carts=record("live", decision="", end_to_end_tests="none"))
    answer = told(folder)
    assert rules(answer) == [("missing_gates", "features/carts.md")]
    assert answer.findings[0].title == "Carts is at live without decision, end-to-end tests (none, but not why)"
    assert answer.findings[0].severity.label == "medium"
    assert [(m.numerator, m.denominator) for m in answer.metrics] == [(10, 12)]


def test_links_to_files_that_are_not_there(folder: Path) -> None:
    text = (
        record("build", design="docs/carts.md", decision="docs/adr/7.md")
        + "[beside](../docs/carts.md) [gone](gone.md) [folder](/docs)\n"
    )
    commit(folder, carts=text + "[again](gone.md) [out](../../etc/passwd)\n")
    answer = told(folder)
    assert rules(answer) == [
        ("dead_link", "features/carts.md: ../../etc/passwd"),
        ("dead_link", "features/carts.md: docs/adr/7.md"),
        ("dead_link", "features/carts.md: gone.md"),
    ]
    assert answer.findings[2].title == "features/carts.md:19 names gone.md, which is not there"


def test_what_cannot_be_read_is_told_by_file_and_line(folder: Path) -> None:
    commit(folder, carts="---\nfeature: Carts\nstage: biuld\n---\n", whole=record("idea"))
    (folder / "features/bytes.md").write_bytes(b"---\nfeature: \xff\n")
    (folder / "features/huge.md").write_text("x" * 300_000)
    commit(folder)
    answer = told(folder)
    assert rules(answer) == [("unreadable_feature", f"features/{name}.md") for name in ("bytes", "carts", "huge")]
    assert answer.findings[0].title == "features/bytes.md:2 is not UTF-8"
    assert answer.findings[1].title == 'features/carts.md:3 stage is "biuld"; did you mean "build"?'


def test_of_a_past_week_its_own_commit_counts(folder: Path) -> None:
    commit(folder, carts=record("live", decision=""))
    first = told(folder)
    commit(folder, "2026-05-19T09:00:00Z", carts=record("live"))
    assert told(folder) == first
    assert rules(told(folder, LATER)) == []


def test_a_repository_without_records_has_none_to_check(folder: Path) -> None:
    answer = told(folder)
    assert answer.summary.startswith("no records of features in features/")
    assert answer.metrics == ()


def test_another_folder_may_be_named(folder: Path) -> None:
    commit(folder, carts=record("live", decision=""))
    assert rules(told(folder, folder="docs")) == [("unreadable_feature", "docs/carts.md")]


def test_nothing_committed_yet_cannot_be_asked(folder: Path) -> None:
    early = datetime(2026, 4, 1, tzinfo=UTC)
    assert told(folder, Window(early, early + WEEK.length)).status == "unknown"
