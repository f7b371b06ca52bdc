"""pip-audit, asked against a local OSV server with the same advisories, finds the same: every difference is explained."""

import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.osv_server import osv
from tests.pip_audit import audited, picked
from upkeep.advisories.advisory import read_advisory
from upkeep.advisories.matcher import Matcher
from upkeep.formats.package import Package

DUMP = Path(__file__).resolve().parents[3] / "shared/data/osv/PyPI.zip"
PACKAGES = 150


def documents() -> list[dict[str, Any]]:
    """Every advisory of the public dump."""
    with zipfile.ZipFile(DUMP) as archive:
        return [json.loads(archive.read(name)) for name in archive.namelist()]


@pytest.mark.slow
@pytest.mark.skipif(not DUMP.exists(), reason="no public dump here")
def test_the_same_faults_are_found(tmp_path: Path) -> None:
    found = documents()
    versions = picked(found, PACKAGES)
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
