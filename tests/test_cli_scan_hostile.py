"""`upkeep scan` of folders that mean harm, and of mistakes: a clear line, and never the code for something found."""

import gzip
import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.advisories.made import document
from tests.sources.git.world import day, made
from upkeep.cli import main
from upkeep.cli import scan as scan_command

NOTHING, FOUND, WRONG, UNCHECKED = range(4)


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a pin that has a fault, beside advisories; both are named as from where a person is."""
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop/requirements.txt").write_text("it==1.0\n")
    (tmp_path / "osv").mkdir()
    (tmp_path / "osv/A.json").write_text(json.dumps(document("GHSA-1", "it", "introduced=0", "fixed=2")))
    (tmp_path / "osv/fetched.json").write_text(json.dumps({"PyPI": datetime.now(UTC).isoformat()}))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "shop"


def scanned(*more: str) -> int:
    return main(["scan", "shop", "--advisories", "osv", *more])


@pytest.mark.baseline
def test_a_folder_beside(shop: Path) -> None:
    assert shop.exists()
    assert scanned() == FOUND


def test_a_past_day_of_a_repository_beside(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    work = made(shop / "code")
    work.commit(day(1), requirements_txt="it==2.0\n")
    work.commit(day(9), requirements_txt="it==1.0\n")
    asked = ["scan", "shop/code", "--advisories", "osv", "--as-of"]
    assert (main([*asked, "2026-01-05"]), main([*asked, "2026-01-20"])) == (NOTHING, FOUND)
    assert main(["scan", "shop/code/requirements.txt", "--advisories", "osv", "--as-of", "2026-01-05"]) == FOUND
    assert "the files are as they are now" in capsys.readouterr().out
    monkeypatch.chdir(work.folder)
    assert main(["scan", ".", "--advisories", str(tmp_path / "osv"), "--as-of", "2026-01-05"]) == NOTHING


@pytest.mark.fault
def test_symbolic_links_in_a_circle(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (shop / "requirements.txt").unlink()
    (shop / "requirements.txt").symlink_to("requirements.txt")
    (shop / "loop").symlink_to(".")
    assert scanned() == UNCHECKED
    assert "requirements.txt: symbolic links lead in a circle" in capsys.readouterr().out


@pytest.mark.fault
@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("package-lock.json", '{"packages":' * 50_000, "nested too deep"),
        ("poetry.lock", "a = " + "[" * 50_000, "nested too deep"),
        ("pnpm-lock.yaml", "a: &a [1]\nb: [*a, *a]\n", "a YAML alias"),
        ("bom.xml", '<!DOCTYPE b [<!ENTITY x SYSTEM "file:///etc/passwd">]><bom>&x;</bom>', "has a document type"),
        ("requirements.txt", "-r /etc/passwd\n", "leads out of the repository"),
        ("requirements.txt", "it==" + "9" * 10_000 + "\n", "is no version"),
        ("requirements.txt", "it==1\0.0\n", "holds binary data"),
    ],
)
def test_files_that_attack_their_reader(
    shop: Path, name: str, text: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (shop / "requirements.txt").unlink()
    (shop / name).write_text(text)
    assert scanned() == UNCHECKED
    assert message in capsys.readouterr().out


@pytest.mark.fault
@pytest.mark.parametrize(
    ("args", "code", "message"),
    [
        (["--as-of", "9999-12-31"], FOUND, ""),
        (["--as-of", "2025-02-30"], WRONG, "is no day such as"),
        (["--advisories", ""], WRONG, "--advisories names no place"),
        (["--advisories", "ftp://127.0.0.1:1/x"], UNCHECKED, "are out of reach"),
        (["--advisories", "http://127.0.0.1:1"], UNCHECKED, "could not ask"),
    ],
)
def test_places_and_days_that_are_none(
    shop: Path, args: list[str], code: int, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert shop.exists()
    try:
        told = scanned(*args)
    except SystemExit as error:
        told = int(str(error.code))
    assert told == code
    assert message in capsys.readouterr().err


@pytest.mark.fault
@pytest.mark.parametrize("kind", ["fifo", "device"])
def test_what_is_neither_a_file_nor_a_folder(shop: Path, kind: str) -> None:
    os.mkfifo(shop / "fifo")
    path = {"fifo": str(shop / "fifo"), "device": "/dev/zero"}[kind]
    assert main(["scan", path, "--advisories", "osv"]) == WRONG


def test_a_fault_of_its_own_is_not_one_that_was_found(
    shop: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(*_: object) -> None:
        raise LookupError("lost")

    assert shop.exists()
    monkeypatch.setattr(scan_command, "scan", fails)
    assert scanned() == UNCHECKED
    assert "the scan failed: LookupError: lost" in capsys.readouterr().err


def test_what_comes_by_address_is_said(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (shop / "requirements.txt").write_text("it @ https://x.example/it-1.0.tar.gz\n")
    assert scanned() == NOTHING
    assert "no advisory speaks of them by name: it" in capsys.readouterr().out


def test_a_file_of_pypi_is_its_package(shop: Path) -> None:
    (shop / "requirements.txt").write_text("it @ https://files.pythonhosted.org/packages/aa/it-1.0-py3-none-any.whl\n")
    assert scanned() == FOUND


def test_a_file_that_only_has_the_name_of_an_sbom_is_none(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (shop / "requirements.txt").unlink()
    (shop / "bom.json").write_text(json.dumps({"screws": 12}))
    assert scanned() == UNCHECKED
    assert "there is no lockfile" in capsys.readouterr().out


def test_a_package_database_at_the_top_without_the_release_of_its_system(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (shop / "var/lib/rpm").mkdir(parents=True)
    packed = Path(__file__).parent / "formats/lockfiles/rpmdb.sqlite.gz"
    (shop / "var/lib/rpm/rpmdb.sqlite").write_bytes(gzip.decompress(packed.read_bytes()))
    (shop / "requirements.txt").unlink()
    assert scanned() == UNCHECKED
    assert "var/lib/rpm/rpmdb.sqlite: etc/os-release is missing" in capsys.readouterr().out
