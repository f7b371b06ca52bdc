"""secret_leaks and secret_copies: what stands in a repository or went through its history, told by kind and place alone."""

import base64
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import pytest

from tests.formats.test_secret_patterns import FOUND, NEAR
from tests.lab import Lab, asking, rules
from tests.sources.git.world import Work, day, made, served, until
from upkeep.answer import Answer, Severity, Status
from upkeep.checks.security import leak_scan
from upkeep.checks.security.leak_scan import ALLOWED, hashed
from upkeep.checks.security.secret_copies import secret_copies
from upkeep.checks.security.secret_leaks import secret_leaks
from upkeep.config.inventory import Inventory
from upkeep.config.settings import Settings
from upkeep.errors import CannotAskError
from upkeep.runner import ask
from upkeep.sources.connections import OneDatabase
from upkeep.sources.git import added as added_module
from upkeep.sources.git.cache import SETTING
from upkeep.store.answers import Provenance
from upkeep.targets.repository import CodeRepository
from upkeep.targets.secret import Secret
from upkeep.window import Window

TOKEN, KEY = FOUND["GitHub token"], FOUND["private key"]
VALUE = "a value of words alone"
WEEK = Window(until(day(8)), until(day(15)))


@pytest.fixture
def work(tmp_path: Path) -> Work:
    """A repository with one file of the week before."""
    made_here = made(tmp_path / "code")
    made_here.commit(day(2), README_md="hello")
    return made_here


def asked(lab: Lab, work: Work, window: Window = WEEK, duty: Any = secret_leaks, given: Any = None, **fields: Any) -> Answer:
    target = CodeRepository.model_validate({"name": "code", "owner": "ann", "path": str(work.folder), **fields})
    by = Provenance("", "", "", -1, 1, window.end, 0)
    return ask(asking(duty, target, OneDatabase(lab.endpoint), window=window, provenance=by), given)


@pytest.mark.baseline
def test_a_repository_without_secrets(lab: Lab, work: Work) -> None:
    work.commit(day(9), app_py="\n".join(NEAR.values()), data_bin="\0\0" + TOKEN)
    answer = asked(lab, work)
    assert (answer.status, answer.findings) == (Status.OK, ()), answer.findings
    assert answer.summary == "2 files read, 0 places with secrets"
    assert [(m.numerator, m.denominator) for m in answer.metrics] == [(2, 2)]


@pytest.mark.fault
def test_kind_and_place_are_told_and_never_the_value(lab: Lab, work: Work) -> None:
    work.commit(day(9), app_py=f"x = 1\n{TOKEN}\n{TOKEN}\n", deep__id_rsa=KEY)
    answer = asked(lab, work)
    assert rules(answer) == [
        ("secret_in_repository", "app.py: GitHub token"), ("secret_in_repository", "deep/id.rsa: private key"),
    ]  # fmt: skip
    assert [f.severity for f in answer.findings] == [Severity.HIGH, Severity.MEDIUM]
    assert "in 2 places: line 2, line 3" in answer.findings[0].title
    assert TOKEN[-20:] not in repr(answer)
    assert KEY[40:80] not in repr(answer)


@pytest.mark.fault
def test_what_was_taken_away_in_the_same_week_is_in_the_history(lab: Lab, work: Work) -> None:
    bad = work.commit(day(9), app_py=f"{TOKEN}\n") or work.git("rev-parse", "HEAD")
    work.commit(day(10), app_py="gone\n")
    [finding] = asked(lab, work).findings
    assert f"commit {bad[:10]}" in finding.title
    later = Window(WEEK.end, WEEK.end + timedelta(days=7))
    work.commit(day(16), app_py="later\n")
    assert asked(lab, work, later).findings == ()
    assert rules(asked(lab, work)) == [("secret_in_repository", "app.py: GitHub token")], "the same for its week, whenever asked"


@pytest.mark.near_miss
def test_what_is_made_up_in_tests_and_examples(lab: Lab, work: Work) -> None:
    text = FOUND["secret behind a telling name"]
    work.commit(day(9), tests__conf_py=text, docs__a_md=text, env_example=text)
    work.git("mv", "env.example", ".env.example")
    work.commit(day(10))
    found = rules(asked(lab, work))
    assert found == []
    work.commit(day(11), app_py=text)
    assert rules(asked(lab, work)) == [("secret_in_repository", "app.py: secret behind a telling name")]


@pytest.mark.near_miss
def test_what_is_allowed_by_its_hash_or_ignored(lab: Lab, work: Work) -> None:
    (work.folder / ALLOWED).write_text(f"# for the tests of the gateway\n{hashed(TOKEN.split()[-1].rstrip(chr(39)))}  # theirs\n")
    work.commit(day(9), app_py=TOKEN, made__x_py=KEY)
    assert rules(asked(lab, work, ignore=["made/*"])) == []
    assert rules(asked(lab, work)) == [("secret_in_repository", "made/x.py: private key")]


@pytest.mark.parametrize("limit", [10])
def test_what_cannot_be_read_is_unknown_where_nothing_was_found(
    lab: Lab, work: Work, monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    monkeypatch.setattr(leak_scan, "LIMIT", limit)
    work.commit(day(9), big_txt="x" * 50)
    answer = asked(lab, work)
    assert answer.status is Status.UNKNOWN
    assert "1 file not read: big.txt" in answer.summary
    monkeypatch.setattr(leak_scan, "LIMIT", len(TOKEN) + 5)
    work.commit(day(10), a_py=TOKEN, big_txt="x" * 500)
    answer = asked(lab, work)
    assert len(answer.findings) == 1
    assert "not read" in answer.summary


def test_a_flood_of_history_is_unknown(lab: Lab, work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(added_module, "MOST_BYTES", 1000)
    work.commit(day(9), big_txt="some words\n" * 500)
    answer = asked(lab, work)
    assert answer.status is Status.UNKNOWN
    assert "commits of the window brought more than" in answer.summary


def test_a_window_before_the_first_commit_is_unknown(lab: Lab, work: Work) -> None:
    assert asked(lab, work, Window(day(1) - timedelta(days=8), day(1))).status is Status.UNKNOWN


def test_strange_paths_and_the_first_commit_in_the_window(lab: Lab, tmp_path: Path) -> None:
    work = made(tmp_path / "new")
    (work.folder / 'q"u ö.py').write_text(TOKEN + "\n")
    (work.folder / "plus.py").write_text("++ not a header\n@@ nor this\n")
    work.commit(day(9))
    work.git("rm", "-q", 'q"u ö.py')
    work.commit(day(10))
    [finding] = asked(lab, work).findings
    assert "GitHub token" in finding.object


@pytest.mark.fault
def test_the_history_of_a_server_is_fetched_as_far_as_the_week_needs(
    lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SETTING, str(tmp_path / "cache"))
    work = made(tmp_path / "root/shop")
    work.commit(day(2), old_py=f"{FOUND['npm token']}\n")
    work.commit(day(3), old_py="gone\n")
    bad = work.commit(day(9), app_py=f"{TOKEN}\n")
    work.commit(day(10), app_py="gone\n")
    with served(tmp_path / "root") as server:
        [finding] = asked(lab, work, url=f"{server.url}/shop/.git", path=None).findings
        assert finding.title.endswith(f"in 1 place: commit {bad[:10]}")
        whole = asked(lab, work, Window(day(1), until(day(15))), url=f"{server.url}/shop/.git", path=None)
    assert [f.object for f in whole.findings] == ["app.py: GitHub token", "old.py: npm token"]


def copies(lab: Lab, work: Work, folder: Path, value: str | None = VALUE) -> Answer:
    path = folder / "shop.json"
    if value is not None:
        path.write_text(value)
    fields = {"owner": "ann", "store": {"kind": "file", "path": str(path)}, "opens": {"kind": "generated"}}
    secret = Secret.model_validate({"name": "shop login", **fields})
    settings = Settings.model_validate({"people": [{"name": "ann", "role": "dba"}]})
    window = Window(until(day(20)), until(day(27)))
    return asked(lab, work, window, secret_copies, {Inventory: Inventory(settings=settings, targets=(secret,))})


@pytest.mark.baseline
def test_no_copy(lab: Lab, work: Work, tmp_path: Path) -> None:
    answer = copies(lab, work, tmp_path)
    assert (answer.status, answer.summary) == (Status.OK, "1 secret looked for; 1 file read, 0 places with secrets")


@pytest.mark.fault
@pytest.mark.parametrize(("stage", "severity"), [("current", Severity.CRITICAL), ("previous", Severity.HIGH)])
def test_a_copy_is_found_by_its_value_wherever_it_stands(
    lab: Lab, work: Work, tmp_path: Path, stage: str, severity: Severity
) -> None:
    copied = VALUE if stage == "current" else "what worked before it"
    (tmp_path / "shop.json.previous").write_text("what worked before it")
    work.commit(day(9), tests__old_py=f"x\nlogin('{copied}')\n")
    answer = copies(lab, work, tmp_path)
    [finding] = answer.findings
    assert (finding.rule, finding.severity) == ("secret_copied", severity)
    assert finding.title == f"tests/old.py has the {stage} value of shop login, in 1 place: line 2"
    assert copied not in repr(answer)


@pytest.mark.near_miss
def test_a_part_of_it_is_none(lab: Lab, work: Work, tmp_path: Path) -> None:
    work.commit(day(9), app_py=VALUE[:-1])
    assert copies(lab, work, tmp_path).findings == ()


def test_a_secret_that_cannot_be_read_is_unknown(lab: Lab, work: Work, tmp_path: Path) -> None:
    (tmp_path / "shop.json").mkdir()
    answer = copies(lab, work, tmp_path, None)
    assert answer.status is Status.UNKNOWN
    assert "secret shop login" in answer.summary


@pytest.mark.fault
def test_what_only_a_merge_brought_is_in_the_history(lab: Lab, work: Work) -> None:
    """Neither of its parents has the line, and the next commit takes it away."""
    work.git("checkout", "-q", "-b", "side")
    work.commit(day(9), side_py="side")
    work.git("checkout", "-q", "-")
    work.commit(day(9), main_py="main")
    work.git("merge", "-q", "--no-commit", "--no-ff", "side")
    merged = work.commit(day(10), main_py=f"main\ntoken = {TOKEN}\n")
    work.commit(day(11), main_py="main")
    [finding] = asked(lab, work).findings
    assert (finding.object, finding.details["places"]) == ("main.py: GitHub token", [f"commit {merged[:10]}"])


@pytest.mark.near_miss
def test_a_merge_of_what_came_before_the_week_brings_nothing(lab: Lab, work: Work) -> None:
    work.git("checkout", "-q", "-b", "side")
    work.commit(day(3), side_py=f"token = {TOKEN}")
    work.commit(day(4), side_py="side")
    work.git("checkout", "-q", "-")
    work.git("merge", "-q", "--no-ff", "side", at=day(5))
    work.commit(day(10), main_py="main")
    assert asked(lab, work).status is Status.OK


@pytest.mark.fault
def test_a_line_without_end_in_the_history(lab: Lab, work: Work) -> None:
    long = f"{'x ' * 700_000}{TOKEN} {'y ' * 700_000}"
    work.commit(day(9), app_txt=f"{long}\n{long}\nend", old_py=f"a\ntoken = {FOUND['npm token']}\n")
    work.commit(day(10), app_txt="short", old_py="")
    assert {finding.object for finding in asked(lab, work).findings} == {"app.txt: GitHub token", "old.py: npm token"}


@pytest.mark.fault
def test_a_file_that_was_renamed_and_emptied(lab: Lab, work: Work) -> None:
    work.commit(day(3), old_py=f"token = {TOKEN}")
    work.git("mv", "old.py", "new.py")
    work.commit(day(9))
    work.commit(day(10), new_py="")
    assert [finding.object for finding in asked(lab, work).findings] == ["new.py: GitHub token"]


def test_a_copy_that_is_cut_off_within_the_week_is_unknown(lab: Lab, work: Work, tmp_path: Path) -> None:
    """What came before its first commit, and went again, is not there to be read."""
    work.commit(day(9), app_py=f"token = {TOKEN}")
    work.commit(day(10), app_py="")
    Work(tmp_path).git("clone", "-q", "--depth=1", f"file://{work.folder}", "cut")
    answer = asked(lab, Work(tmp_path / "cut"))
    assert answer.status is Status.UNKNOWN
    assert "shallow" in answer.summary


@pytest.mark.near_miss
def test_a_copy_that_is_cut_off_before_the_week_is_enough(lab: Lab, work: Work, tmp_path: Path) -> None:
    work.commit(day(3), app_py="a")
    work.commit(day(9), app_py=f"token = {TOKEN}")
    work.commit(day(10), app_py="")
    Work(tmp_path).git("clone", "-q", "--depth=3", f"file://{work.folder}", "cut")
    assert [finding.object for finding in asked(lab, Work(tmp_path / "cut")).findings] == ["app.py: GitHub token"]


@pytest.mark.fault
@pytest.mark.parametrize("written", [json.dumps, quote_plus, lambda value: base64.b64encode(value.encode()).decode()])
def test_a_copy_is_found_as_programs_write_it(lab: Lab, work: Work, tmp_path: Path, written: Callable[[str], str]) -> None:
    work.commit(day(9), app_py=written(VALUE))
    assert rules(copies(lab, work, tmp_path)) == [("secret_copied", "app.py: current value of shop login")]


def test_more_than_is_bearable_is_said(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(added_module, "MOST_BYTES", 5)
    with pytest.raises(CannotAskError, match="more than 0 MB"):
        list(added_module.added(work.folder / ".git", None, "HEAD"))
