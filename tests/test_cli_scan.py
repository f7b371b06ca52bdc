"""`upkeep scan`: what it prints, in each form, and what its exit code means."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.advisories.made import document
from tests.osv_server import osv
from upkeep.cli import main

POETRY = """
[[package]]
name = "it"
version = "{it}"
optional = false
python-versions = "*"
files = []

[[package]]
name = "other"
version = "1.0"
optional = false
python-versions = "*"
files = []

[metadata]
lock-version = "2.0"
python-versions = "*"
content-hash = "x"
"""
BAD = [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}]
NOTHING, FOUND, WRONG, UNCHECKED = range(4)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A folder with one lockfile, in which `it` has one critical fault."""
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "poetry.lock").write_text(POETRY.format(it="1.0"))
    return folder


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Advisories that were fetched just now."""
    folder = tmp_path / "osv"
    folder.mkdir()
    advise(
        folder, "GHSA-1", "introduced=0", "fixed=1.2", aliases=["CVE-2026-1"], severity=BAD, summary="Anyone may read anything"
    )
    fetched(folder, datetime.now(UTC))
    return folder


def advise(folder: Path, name: str, *pairs: str, **more: Any) -> None:
    (folder / f"{name}.json").write_text(json.dumps(document(name, more.pop("package", "it"), *pairs, **more)))


def fetched(folder: Path, at: datetime) -> None:
    (folder / "fetched.json").write_text(json.dumps({"PyPI": at.isoformat()}))


def scanned(shop: Path, place: Path | str, *more: str) -> int:
    return main(["scan", str(shop), "--advisories", str(place), *more])


def found_in(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(capsys.readouterr().out)
    return made


def test_a_fault_is_shown_with_its_fix_and_the_code_says_found(
    shop: Path, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert scanned(shop, place) == FOUND
    out = capsys.readouterr().out
    assert "critical" in out
    assert "CVE-2026-1" in out
    assert "it 1.0 → 1.2 closes 1 fault" in out
    assert "1 fault in 2 packages of 1 file" in out
    assert "covered: PyPI" in out


def test_nothing_wrong_is_nothing(shop: Path, place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (shop / "poetry.lock").write_text(POETRY.format(it="1.2"))
    assert scanned(shop, place) == NOTHING
    assert "\n0 faults in 2 packages of 1 file" in capsys.readouterr().out


def test_one_file_may_be_named(shop: Path, place: Path) -> None:
    assert scanned(shop / "poetry.lock", place) == FOUND


@pytest.mark.parametrize("args", [["/nowhere"], [".", "--as-of", "soon"], [".", "--format", "xml"], []])
def test_wrong_use_is_two(args: list[str]) -> None:
    try:
        code = main(["scan", *args])
    except SystemExit as error:
        code = int(str(error.code))
    assert code == WRONG


def test_a_place_that_cannot_be_opened_is_wrong_use(shop: Path) -> None:
    assert scanned(shop, "gopher://advisories") == WRONG


def test_without_a_lockfile_nothing_was_checked(tmp_path: Path, place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty").mkdir()
    assert scanned(tmp_path / "empty", place) == UNCHECKED
    assert "no lockfile" in capsys.readouterr().out


def test_a_lockfile_that_cannot_be_read_is_not_clean(shop: Path, place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (shop / "poetry.lock").write_text("<<<<<<< HEAD\n")
    assert scanned(shop, place) == UNCHECKED
    assert "poetry.lock" in capsys.readouterr().out


def test_found_wins_over_not_checked_and_both_are_said(shop: Path, place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (shop / "uv.lock").write_text("not = [a lockfile")
    assert scanned(shop, place) == FOUND
    out = capsys.readouterr().out
    assert "Could not be checked:\n  uv.lock" in out


def test_advisories_that_cannot_be_had_are_not_clean(shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert scanned(shop, tmp_path / "nowhere") == UNCHECKED
    assert "no advisories at" in capsys.readouterr().err
    assert scanned(shop, "http://127.0.0.1:9") == UNCHECKED


def test_old_advisories_are_not_clean(shop: Path, place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (shop / "poetry.lock").write_text(POETRY.format(it="1.2"))
    fetched(place, datetime.now(UTC) - timedelta(days=15))
    assert scanned(shop, place) == UNCHECKED
    assert "15 days old (limit 14)" in capsys.readouterr().out
    fetched(place, datetime.now(UTC) - timedelta(days=5))
    assert scanned(shop, place) == NOTHING
    assert "5 days old" in capsys.readouterr().out


def test_an_ecosystem_without_advisories_is_not_clean(shop: Path, place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (shop / "poetry.lock").unlink()
    (shop / "Cargo.lock").write_text('version = 3\n[[package]]\nname = "it"\nversion = "1.0.0"\nsource = "registry+https://github.com/rust-lang/crates.io-index"\n')  # fmt: skip # noqa: E501
    assert scanned(shop, place) == UNCHECKED
    assert "no advisories of crates.io" in capsys.readouterr().out


def test_a_day_is_as_it_was(shop: Path, place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    advise(place, "GHSA-2", "introduced=0", published="2026-03-01T12:00:00Z", withdrawn="2026-04-01T00:00:00Z")

    def names(day: str) -> list[str]:
        scanned(shop, place, "--as-of", day, "--format", "json")
        return [one["fault"] for one in found_in(capsys)["found"]]

    assert names("2024-12-31") == []
    assert names("2026-02-28") == ["CVE-2026-1"]
    assert names("2026-03-01") == ["CVE-2026-1", "GHSA-2"]
    assert names("2026-04-01") == ["CVE-2026-1"]


def test_what_is_published_later_does_not_change_a_past_day(shop: Path, place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = (shop, place, "--as-of", "2026-03-01", "--format", "json")
    scanned(*asked)
    before = found_in(capsys)
    advise(place, "GHSA-3", "introduced=0", published="2026-05-01T00:00:00Z")
    scanned(*asked)
    assert found_in(capsys) == before


def test_the_api_says_the_same(shop: Path, place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    scanned(shop, place, "--format", "json")
    kept = found_in(capsys)["found"]
    with osv([json.loads((place / "GHSA-1.json").read_text())]) as server:
        assert scanned(shop, server.address, "--format", "json") == FOUND
    assert found_in(capsys)["found"] == kept


def test_a_vex_document_lets_it_pass_and_it_is_shown(shop: Path, place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    values = {"vulnerability": "CVE-2026-1", "products": ["pkg:pypi/it@1.0"], "status": "not_affected",
            "justification": "vulnerable_code_not_present"}  # fmt: skip
    vex = {"@context": "https://openvex.dev/ns/v0.2.0", "timestamp": "2026-01-01T00:00:00Z", "statements": [values]}
    (shop / "shop.vex.json").write_text(json.dumps(vex))
    assert scanned(shop, place) == NOTHING
    assert "Passes:\n  it (PyPI) CVE-2026-1: vulnerable_code_not_present (shop.vex.json, statement 1)" in capsys.readouterr().out
    (shop / "shop.vex.json").write_text(json.dumps({**vex, "statements": [{**values, "justification": None}]}))
    assert scanned(shop, place) == FOUND
    assert "needs a justification" in capsys.readouterr().out


def test_json_has_everything(shop: Path, place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    scanned(shop, place, "--format", "json")
    made = found_in(capsys)
    (one,) = made["found"]
    assert (one["names"], one["score"], one["fixed_in"]) == (["CVE-2026-1", "GHSA-1"], 9.8, "1.2")
    assert one["places"][0]["file"] == "poetry.lock"
    assert made["changes"] == [{"ecosystem": "PyPI", "package": "it", "from": ["1.0"], "to": "1.2", "through": [],
                                "closes": ["CVE-2026-1"], "leaves": []}]  # fmt: skip
    assert made["could_not_check"] == []


def test_sarif_names_the_line_and_what_could_not_be_checked(shop: Path, place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (shop / "uv.lock").write_text("not = [a lockfile")
    scanned(shop, place, "--format", "sarif")
    (run,) = found_in(capsys)["runs"]
    (result,) = run["results"]
    assert (result["ruleId"], result["level"]) == ("CVE-2026-1", "error")
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "poetry.lock"
    assert run["tool"]["driver"]["rules"][0]["properties"]["security-severity"] == "9.8"
    assert run["invocations"][0]["executionSuccessful"] is False


def test_cyclonedx_is_valid(shop: Path, place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    advise(place, "ODD-1", "introduced=0", package="other", severity=[{"type": "CVSS_V2", "score": "AV:N/AC:L/Au:N/C:P/I:P/A:P"}])
    (shop / "uv.lock").write_text("not = [a lockfile")
    scanned(shop, place, "--format", "cyclonedx")
    out = capsys.readouterr().out
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(out) is None
    made = json.loads(out)
    assert [one["purl"] for one in made["components"]] == ["pkg:pypi/it@1.0", "pkg:pypi/other@1.0"]
    assert made["properties"][0]["name"] == "upkeep:could_not_check"


def test_cyclonedx_rates_only_what_is_rated(shop: Path, place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    advise(place, "ODD-1", "introduced=0", package="other", severity=[])
    scanned(shop, place, "--format", "cyclonedx")
    ratings = {one["id"]: one["ratings"] for one in json.loads(capsys.readouterr().out)["vulnerabilities"]}
    assert ratings["ODD-1"] == [{"severity": "unknown"}]
    (rated,) = ratings["CVE-2026-1"]
    assert (rated["severity"], rated["score"], rated["method"]) == ("critical", 9.8, "CVSSv31")
    assert rated["vector"].startswith("CVSS:3.1/")


def test_a_fault_in_several_files_is_one_line(shop: Path, place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    scanned(shop, place)
    assert " more" not in capsys.readouterr().out
    (shop / "api").mkdir()
    (shop / "api/poetry.lock").write_text(POETRY.format(it="1.0"))
    scanned(shop, place)
    assert " and 1 more" in capsys.readouterr().out


def test_words_of_others_do_not_move_the_cursor(shop: Path, place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (shop / "\x1b[31mred").mkdir()
    (shop / "\x1b[31mred/poetry.lock").write_text(POETRY.format(it="1.0"))
    for form in ("table", "json", "sarif", "cyclonedx"):
        scanned(shop, place, "--format", form)
        assert "\x1b" not in capsys.readouterr().out, form


def test_what_leads_out_of_the_folder_is_not_read(
    shop: Path, place: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "secret.lock").write_text(POETRY.format(it="1.0"))
    (shop / "poetry.lock").unlink()
    (shop / "poetry.lock").symlink_to(tmp_path / "secret.lock")
    assert scanned(shop, place) == UNCHECKED
    assert "leads out of" in capsys.readouterr().out


def test_folders_of_tools_are_passed_over(shop: Path, place: Path) -> None:
    (shop / "poetry.lock").rename(shop / "kept.txt")
    (shop / "node_modules/x").mkdir(parents=True)
    (shop / "node_modules/x/poetry.lock").write_text(POETRY.format(it="1.0"))
    assert scanned(shop, place) == UNCHECKED, "nothing else is there"
