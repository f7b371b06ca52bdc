"""The repository itself, made by `git fast-import`, and a stand-in for the places that advisories are fetched from."""

import json
import os
import shutil
import subprocess
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zipfile import ZipFile, ZipInfo

import yaml

from upkeep.demo.repository.history import Change, changes
from upkeep.demo.repository.lockfiles import files

AUTHOR = "Shop Developer <developer@shop.example>"
BRANCH = "refs/heads/main"
CATALOGUE = "known_exploited_vulnerabilities.csv"


def make_repository(folder: Path, start: datetime) -> None:
    """
    A bare repository with two years of commits up to `start`.

    It is made beside and moved into place, so that a start that is killed leaves none, or a whole one.
    """
    half = folder.with_name(f"{folder.name}.half")
    for old in (half, folder):
        shutil.rmtree(old, ignore_errors=True)
    half.parent.mkdir(parents=True, exist_ok=True)
    _git(half.parent, "init", "--quiet", "--bare", "--initial-branch=main", half.name)
    _git(half, "fast-import", "--quiet", "--date-format=raw", given=b"".join(_stream(changes(start))))
    half.rename(folder)


def _stream(told: Iterable[Change]) -> Iterator[bytes]:
    yield f"reset {BRANCH}\n\n".encode()
    for change in told:
        subject = change.subject.encode()
        yield f"commit {BRANCH}\ncommitter {AUTHOR} {int(change.at.timestamp())} +0000\n".encode()
        yield b"data %d\n%s\n" % (len(subject), subject)
        for path, content in files(change.project).items():
            yield f"M 100644 inline {path}\n".encode()
            yield b"data %d\n%s\n" % (len(content), content)


def _git(folder: Path, *arguments: str, given: bytes = b"") -> None:
    """Whatever the person who starts the demo has set for git does not matter here."""
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    subprocess.run(["git", *arguments], cwd=folder, env=environment, input=given, check=True, capture_output=True)  # noqa: S603, S607


def write_advisories(folder: Path, start: datetime) -> None:
    """What a source of advisories offers: OSV's dump and list of changes by ecosystem, and the catalogue of the exploited."""
    by_ecosystem: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for document in advisories(start):
        by_ecosystem[document["affected"][0]["package"]["ecosystem"].partition(":")[0]].append(document)
    for ecosystem, documents in by_ecosystem.items():
        place = folder / ecosystem
        place.mkdir(parents=True, exist_ok=True)
        changes = sorted(((each["modified"], each["id"]) for each in documents), reverse=True)
        (place / "modified_id.csv").write_text("".join(f"{at},{name}\n" for at, name in changes), encoding="utf-8")
        with ZipFile(place / "all.zip", "w") as archive:
            for each in documents:
                archive.writestr(ZipInfo(f"{each['id']}.json"), json.dumps(each, indent=1))
    shutil.copyfile(Path(__file__).with_name(CATALOGUE), folder / CATALOGUE)


def advisories(start: datetime) -> Iterator[dict[str, Any]]:
    """The documents. Those that are made up are dated by days before `start`."""
    told = yaml.safe_load(Path(__file__).with_name("advisories.yaml").read_text(encoding="utf-8"))
    for each in told["real"]:
        yield _document(each, datetime.combine(each["published"], datetime.min.time(), UTC), None)
    for each in told["made_up"]:
        withdrawn = start - timedelta(days=each["withdrawn"]) if "withdrawn" in each else None
        yield _document(each, start - timedelta(days=each["published"]), withdrawn)


def _document(told: Mapping[str, Any], published: datetime, withdrawn: datetime | None) -> dict[str, Any]:
    ecosystem, name = told["package"]
    events = [{"introduced": str(told.get("introduced", 0))}, {"fixed": str(told["fixed"])}]
    ranges = [{"type": "SEMVER" if ecosystem == "npm" else "ECOSYSTEM", "events": events}]
    document: dict[str, Any] = {
        "schema_version": "1.6.0",
        "id": told["id"],
        "aliases": told.get("aliases", []),
        "published": _time(published),
        "modified": _time(withdrawn or published),
        "summary": told["summary"],
        "severity": [{"type": "CVSS_V3", "score": told["vector"]}],
        "affected": [{"package": {"ecosystem": ecosystem, "name": name}, "ranges": ranges}],
    }
    return {**document, "withdrawn": _time(withdrawn)} if withdrawn else document


def _time(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
