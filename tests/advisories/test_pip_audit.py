"""pip-audit, asked against a local OSV server with the same advisories, finds the same: every difference is explained."""

import json
import os
import random
import subprocess
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from packaging.version import InvalidVersion, Version

from tests.osv_server import osv
from upkeep.advisories.advisory import read_advisory
from upkeep.advisories.matcher import Matcher
from upkeep.formats.package import Package

DUMP = Path(__file__).resolve().parents[3] / "shared/data/osv/PyPI.zip"
PACKAGES = 150


def documents() -> list[dict[str, Any]]:
    """Every advisory of the public dump."""
    with zipfile.ZipFile(DUMP) as archive:
        return [json.loads(archive.read(name)) for name in archive.namelist()]


def picked(found: list[dict[str, Any]]) -> dict[str, str]:
    """Packages of the dump, each in one of the versions that it names; the same every time."""
    named: dict[str, set[str]] = {}
    for one in found:
        for part in one["affected"]:
            named.setdefault(part["package"]["name"].lower(), set()).update(v for v in part.get("versions", ()) if _is_version(v))
    pick = random.Random(11)  # noqa: S311 - the same every time
    names = pick.sample(sorted(name for name, versions in named.items() if versions), PACKAGES)
    return {name: pick.choice(sorted(named[name])) for name in names}


def _is_version(text: str) -> bool:
    try:
        Version(text)
    except InvalidVersion:
        return False
    return True


def audited(requirements: Path, address: str) -> dict[str, set[str]]:
    """What pip-audit finds, by package."""
    args = ["-r", str(requirements), "--no-deps", "--disable-pip", "-s", "osv", "--osv-url", f"{address}/v1/query", "-f", "json"]
    environment = {**os.environ, "PIP_AUDIT_PROGRESS_SPINNER": "off", "NO_PROXY": "127.0.0.1"}
    done = subprocess.run(
        [sys.executable, "-m", "pip_audit", *args], capture_output=True, text=True, env=environment, timeout=300, check=False
    )
    assert done.returncode == 1, done.stderr[-2000:]
    output = json.loads(done.stdout)["dependencies"]
    return {one["name"]: {fault["id"] for fault in one.get("vulns", ())} for one in output}


@pytest.mark.slow
@pytest.mark.skipif(not DUMP.exists(), reason="no public dump here")
def test_the_same_faults_are_found(tmp_path: Path) -> None:
    found = documents()
    versions = picked(found)
    requirements = tmp_path / "requirements.txt"
    requirements.write_text("".join(f"{name}=={version}\n" for name, version in versions.items()))
    with osv(found) as server:
        theirs = audited(requirements, server.address)
    matcher = Matcher(map(read_advisory, found), datetime(2026, 1, 1, tzinfo=UTC))
    names = {name: matcher.match(Package("PyPI", name, version)).faults for name, version in versions.items()}
    ours = {name: {one for fault in faults for one in fault.advisories} for name, faults in names.items()}
    different = {name: (ours[name], theirs.get(name)) for name in versions if ours[name] != theirs.get(name)}
    assert different == {}
    assert sum(map(len, ours.values())) > PACKAGES
