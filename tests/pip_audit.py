"""pip-audit, asked against a local OSV server, and packages to ask it about."""

import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

from packaging.version import InvalidVersion, Version


def audited(requirements: Path, address: str) -> dict[str, set[str]]:
    """What pip-audit finds in a file of pins, by package."""
    args = ["-r", str(requirements), "--no-deps", "--disable-pip", "-s", "osv", "--osv-url", f"{address}/v1/query", "-f", "json"]
    environment = {**os.environ, "PIP_AUDIT_PROGRESS_SPINNER": "off", "NO_PROXY": "127.0.0.1"}
    done = subprocess.run(
        [sys.executable, "-m", "pip_audit", *args], capture_output=True, text=True, env=environment, timeout=300, check=False
    )
    assert done.returncode in {0, 1}, done.stderr[-2000:]
    output = json.loads(done.stdout)["dependencies"]
    return {one["name"]: {fault["id"] for fault in one.get("vulns", ())} for one in output}


def picked(found: list[dict[str, Any]], count: int, seed: int = 11) -> dict[str, str]:
    """So many packages of a dump, each in one of the versions that it names; the same every time."""
    named: dict[str, set[str]] = {}
    for one in found:
        for part in one["affected"]:
            named.setdefault(part["package"]["name"].lower(), set()).update(v for v in part.get("versions", ()) if _is_version(v))
    pick = random.Random(seed)  # noqa: S311 - the same every time
    names = pick.sample(sorted(name for name, versions in named.items() if versions), count)
    return {name: pick.choice(sorted(named[name])) for name in names}


def _is_version(text: str) -> bool:
    try:
        Version(text)
    except InvalidVersion:
        return False
    return True
