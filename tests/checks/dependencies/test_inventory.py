"""inventory: licences against the policy, the SBOM, what changed, and what could not be read."""

import json
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from tests.lab import UTC_ZONE, Lab, Past, asking, rules
from tests.sources.git.world import day, made
from upkeep.answer import Answer, Severity, Status
from upkeep.checks.dependencies.inventory import Sbom, inventory
from upkeep.duty import History
from upkeep.errors import BrokenError
from upkeep.formats.sbom_document import faults_of
from upkeep.runner import ask, ask_and_store
from upkeep.sources.connections import OneDatabase
from upkeep.sources.installed_licences import installed_modules
from upkeep.sources.postgres import Endpoint
from upkeep.store.migrate import migrate
from upkeep.targets.repository import CodeRepository
from upkeep.window import Cadence

NOWHERE = OneDatabase(Endpoint("127.0.0.1", 1, "x", None, "x"))


def composer(tmp_path: Path, *packages: Any, dev: tuple[Any, ...] = ()) -> None:
    (tmp_path / "composer.lock").write_text(composer_lock(*packages, dev=dev), encoding="utf-8")


def composer_lock(*packages: Any, dev: tuple[Any, ...] = ()) -> str:
    entries = [{"version": "1.0.0", **each} for each in packages]
    return json.dumps({"packages": entries, "packages-dev": [{"version": "1.0.0", **each} for each in dev]})


def target(tmp_path: Path, **thresholds: Any) -> CodeRepository:
    return CodeRepository(name="shop", owner="ann", path=str(tmp_path), thresholds={"inventory": thresholds})


def answer(tmp_path: Path, past: Past | None = None, **thresholds: Any) -> Answer:
    return ask(asking(inventory, target(tmp_path, **thresholds), NOWHERE), {History: past or Past()})


QUARTER = Cadence.QUARTERLY.last_full(datetime(2026, 4, 2, tzinfo=UTC), UTC_ZONE)
MIT = {"name": "a/mit", "license": ["MIT"]}
GPL = {"name": "a/gpl", "license": ["GPL-3.0-only"]}


@pytest.mark.near_miss
def test_a_past_quarter_is_told_as_of_its_end(tmp_path: Path) -> None:
    work = made(tmp_path / "shop")
    then = work.commit(day(5), composer_lock=composer_lock(MIT))
    work.commit(datetime(2026, 4, 1, 12, tzinfo=UTC), composer_lock=composer_lock(MIT, GPL))
    shop = CodeRepository(name="shop", owner="ann", path=str(work.folder))
    told = ask(asking(inventory, shop, NOWHERE, window=QUARTER), {History: Past()})
    assert (told.status, told.summary) == (Status.OK, "1 package (1 Packagist); the first inventory")
    assert [record.commit for record in told.records if isinstance(record, Sbom)] == [then]


@pytest.mark.baseline
def test_licences_that_are_allowed(tmp_path: Path) -> None:
    composer(tmp_path, MIT, {"name": "a/both", "license": ["MIT", "GPL-3.0-only"]})
    result = answer(tmp_path)
    assert (result.status, result.findings) == (Status.OK, ())
    assert result.summary == "2 packages (2 Packagist); the first inventory"
    assert {m.labels["verdict"]: m.value for m in result.metrics} == {"allow": 2, "review": 0, "unknown": 0, "deny": 0}


@pytest.mark.near_miss
def test_exceptions_and_what_is_accepted(tmp_path: Path) -> None:
    composer(tmp_path, GPL, {"name": "a/gcc", "license": ["GPL-3.0-only WITH GCC-exception-3.1"]})
    rules_file = tmp_path / "policy.yaml"
    rules_file.write_text(
        "deny: ['GPL-*']\nallow: ['* WITH GCC-exception-3.1']\naccepted: {Packagist/a/gpl: 'runs apart'}\n", encoding="utf-8"
    )
    assert answer(tmp_path, policy_file=str(rules_file)).status is Status.OK


@pytest.mark.fault
@pytest.mark.parametrize(
    ("licence", "found"),
    [
        (["GPL-3.0-only"], ("licence_denied", "Packagist/a/b", Severity.HIGH)),
        (["MPL-2.0"], ("licence_review", "Packagist/a/b", Severity.MEDIUM)),
        (["proprietary"], ("licence_unknown", "shop", Severity.LOW)),
        ([], ("licence_unknown", "shop", Severity.LOW)),
    ],
)
def test_licences_that_are_not(tmp_path: Path, licence: list[str], found: tuple[str, str, Severity]) -> None:
    composer(tmp_path, MIT, {"name": "a/b", "license": licence})
    assert [(f.rule, f.object, f.severity) for f in answer(tmp_path).findings] == [found]


@pytest.mark.fault
def test_what_is_for_development_only_weighs_less(tmp_path: Path) -> None:
    composer(tmp_path, MIT, dev=(GPL, {"name": "a/mpl", "license": ["MPL-2.0"]}, {"name": "a/x"}))
    assert [(f.rule, f.object, f.severity) for f in answer(tmp_path).findings] == [
        ("licence_denied", "Packagist/a/gpl", Severity.LOW)
    ]


@pytest.mark.fault
def test_abandoned_ones_and_ranges_that_are_no_pins(tmp_path: Path) -> None:
    composer(tmp_path, {**MIT, "abandoned": "a/new"}, {"name": "a/branch", "license": ["MIT"], "version": "dev-main"})
    result = answer(tmp_path)
    assert rules(result) == [("deprecated", "Packagist/a/mit"), ("unpinned", "shop")]
    assert "abandoned; use a/new" in result.findings[0].title


def test_the_path_to_a_denied_one_is_told(tmp_path: Path) -> None:
    composer(tmp_path, {**MIT, "require": {"a/gpl": "*"}}, GPL)
    (tmp_path / "composer.json").write_text('{"require": {"a/mit": "*"}}', encoding="utf-8")
    (finding,) = answer(tmp_path).findings
    assert "(composer.lock through a/mit): GPL-3.0-only is denied by the policy" in finding.title


def test_a_licence_that_no_lockfile_says_is_read_from_the_package(tmp_path: Path) -> None:
    lock = "".join(
        f'[[package]]\nname = "{name}"\nversion = "{v}"\n' for name, v in (("pydantic", version("pydantic")), ("pyyaml", "0.0.1"))
    )
    (tmp_path / "poetry.lock").write_text(f'{lock}[metadata]\nlock-version = "2.1"\n', encoding="utf-8")
    result = answer(tmp_path)
    assert {m.labels["verdict"]: m.value for m in result.metrics}["allow"] == 1
    assert [(f.rule, list(f.details["packages"])) for f in result.findings if f.rule == "licence_unknown"] == [
        ("licence_unknown", ["PyPI/pyyaml"])
    ]


def test_what_no_source_file_imports(tmp_path: Path) -> None:
    sbom = {
        "bomFormat": "CycloneDX",
        "metadata": {"component": {"name": "shop", "type": "application", "bom-ref": "shop"}},
        "components": [
            {"type": "library", "name": n, "bom-ref": n, "purl": f"pkg:pypi/{n}@1", "licenses": [{"license": {"id": "MIT"}}]}
            for n in ("pyyaml", "flask", "left")
        ],
        "dependencies": [{"ref": "shop", "dependsOn": ["pyyaml", "flask"]}, {"ref": "flask", "dependsOn": ["left"]}],
    }
    (tmp_path / "app.cdx.json").write_text(json.dumps(sbom), encoding="utf-8")
    assert answer(tmp_path).findings == ()
    (tmp_path / "app.py").write_text("import yaml\n", encoding="utf-8")
    (tmp_path / "old.py").write_text("print 1\n", encoding="utf-8")
    result = answer(tmp_path)
    assert [(f.rule, f.severity, list(f.details["packages"])) for f in result.findings] == [
        ("maybe_unused", Severity.LOW, ["PyPI/flask"])
    ]
    assert result.evidence["imports"] == ["1 source file could not be read, such as old.py"]
    assert "limit 1" in answer(tmp_path, most_source_files=1).evidence["imports"][0]


def test_what_changed_since_the_last_one(tmp_path: Path) -> None:
    composer(tmp_path, MIT, {"name": "a/new", "license": ["MIT"]})
    before = Past(remembered={"packages": {"Packagist/a/mit": ["0.9.0"], "Packagist/a/old": ["1.0.0"]}})
    result = answer(tmp_path, before)
    assert result.summary.endswith("1 added; 1 removed; 1 changed")
    assert result.evidence["changed"] == ["Packagist/a/mit 0.9.0 -> 1.0.0"]
    assert result.state == {"packages": {"Packagist/a/mit": ["1.0.0"], "Packagist/a/new": ["1.0.0"]}}


def test_a_file_that_cannot_be_read_whole_is_unknown_and_hides_no_denied_licence(tmp_path: Path) -> None:
    (tmp_path / "Cargo.lock").write_text("[[package]]\n", encoding="utf-8")
    composer(tmp_path, MIT)
    result = answer(tmp_path)
    assert (result.status, result.summary.startswith("Cargo.lock: ")) == (Status.UNKNOWN, True)
    composer(tmp_path, GPL)
    result = answer(tmp_path)
    assert (rules(result), "not read whole: Cargo.lock" in result.summary) == ([("licence_denied", "Packagist/a/gpl")], True)


def test_nothing_to_read_is_unknown(tmp_path: Path) -> None:
    assert answer(tmp_path).status is Status.UNKNOWN


@pytest.mark.parametrize("text", ["allowed: [MIT]", "accepted: [x]", "[1]"])
def test_a_policy_that_cannot_be_read(tmp_path: Path, text: str) -> None:
    composer(tmp_path, MIT)
    (tmp_path / "policy.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(BrokenError, match="cannot be read"):
        answer(tmp_path, policy_file=str(tmp_path / "policy.yaml"))


def test_the_sbom_is_stored_valid_and_the_same_when_asked_again(tmp_path: Path, lab: Lab) -> None:
    migrate(lab.endpoint)
    composer(tmp_path, MIT, {"name": "a/<b>'; drop table x", "license": ["MIT"]})
    documents = set()
    for _ in range(2):
        ask_and_store(asking(inventory, target(tmp_path), NOWHERE), lab.endpoint)
        documents.add(lab.value("select document from upkeep.sbom"))
    (document,) = documents
    assert faults_of(document) == ()
    assert lab.value("select format || ' ' || packages from upkeep.sbom") == "CycloneDX 1.6 2"
    assert lab.value("select sha256 = encode(sha256(convert_to(document, 'UTF8')), 'hex') from upkeep.sbom")
    assert Sbom.table == "sbom"


def test_what_was_yanked_and_years_behind_where_an_index_tells(tmp_path: Path) -> None:
    composer(tmp_path, MIT, {**MIT, "name": "a/through"})
    (tmp_path / "composer.json").write_text('{"require": {"a/mit": "*"}}', encoding="utf-8")
    versions = {"1.0.0": {"day": "2020-01-01", "yanked": "wrong build"}, "2.0.0": "2022-01-01", "3.0.0": "2999-01-01"}
    (tmp_path / "index.yaml").write_text(
        json.dumps({"Packagist/a/mit": versions, "Packagist/a/through": versions}), encoding="utf-8"
    )
    result = answer(tmp_path, index_file=str(tmp_path / "index.yaml"))
    assert rules(result) == [("yanked", "Packagist/a/mit"), ("yanked", "Packagist/a/through")]
    (behind,) = (m for m in result.metrics if m.name == "years_behind")
    assert (round(behind.value, 1), behind.n) == (2.0, 1)
    assert answer(tmp_path).status is Status.OK


def test_an_index_that_cannot_be_read(tmp_path: Path) -> None:
    composer(tmp_path, MIT)
    (tmp_path / "index.yaml").write_text("a: [1]", encoding="utf-8")
    with pytest.raises(BrokenError, match="is no index of releases"):
        answer(tmp_path, index_file=str(tmp_path / "index.yaml"))


def test_a_range_that_another_file_locks_is_pinned(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("pydantic>=2\nflask>=3\n", encoding="utf-8")
    (tmp_path / "requirements.lock").write_text(f"pydantic=={version('pydantic')}\n", encoding="utf-8")
    unpinned = [list(f.details["packages"]) for f in answer(tmp_path).findings if f.rule == "unpinned"]
    assert unpinned == [["PyPI/flask"]]
    assert answer(tmp_path).state == {"packages": {"PyPI/flask": ["open"], "PyPI/pydantic": [version("pydantic")]}}


def test_modules_of_what_is_installed_here() -> None:
    assert "yaml" in installed_modules("PyYAML")
    assert installed_modules("no-such-package") == frozenset()
