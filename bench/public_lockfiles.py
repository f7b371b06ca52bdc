"""
What is found in lockfiles that others published, against pip-audit and against plain readings of the same files.

The packages below are fetched by npm and by unearth, which only download: nothing of them is built or run. For Python both sides
have the advisories of the shared dump: pip-audit asks a local OSV server about the pins that a plain reading of the file gives.
Every package of either side is given one more advisory, about all of its versions, so that whatever one side does not see is a
difference. A difference is printed and counted, never hidden. Says what was skipped, such as what cannot be fetched.

    python -m bench.public_lockfiles [MOST]
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from packaging.utils import canonicalize_name

from bench.advisories import DUMP
from tests.osv_server import osv
from tests.pip_audit import audited
from upkeep.advisories.advisory import read_advisory
from upkeep.advisories.found import Located, look
from upkeep.advisories.knowledge import Knowledge
from upkeep.formats.package import Origin, Package
from upkeep.sources.repository import folder_repository

Pin = tuple[str, str]
Faults = dict[Pin, set[str]]
AT = datetime(2026, 1, 1, tzinfo=UTC)
_SHOWN = 6
_ELSEWHERE = {"editable", "virtual", "directory", "file", "git", "url", "path"}
_YARN_ENTRY = re.compile(r'^"?(@?[^@\n"]+)@[^\n]*:\n  version "([^"]+)"', re.MULTILINE)
_MODULE = re.compile(r"^# (\S+) v(\S+)(?: => (\S+) v(\S+))?$", re.MULTILINE)
_PINNED = re.compile(r"^([A-Za-z0-9][\w.-]*)(?:\[[^]]*\])? *== *([^\s;#\\]+)", re.MULTILINE)


def _toml(text: str) -> Iterator[Pin]:
    """Packages of a lockfile of Python in TOML that come from a registry."""
    for one in tomllib.loads(text)["package"]:
        source = one.get("source") or {}
        if not (_ELSEWHERE & {*one, *source} or source.get("type") in _ELSEWHERE):
            yield one["name"], one["version"]


def _cargo(text: str) -> Iterator[Pin]:
    return ((one["name"], one["version"]) for one in tomllib.loads(text)["package"] if "registry+" in one.get("source", ""))


def _pipfile(text: str) -> Iterator[Pin]:
    told = json.loads(text)
    every = [*told["default"].items(), *told["develop"].items()]
    return ((name, one["version"].removeprefix("==")) for name, one in every if "version" in one)


def _pinned(text: str) -> Iterator[Pin]:
    return iter(_PINNED.findall(text))


def _npm(text: str) -> Iterator[Pin]:
    for key, one in json.loads(text)["packages"].items():
        if "node_modules/" in key and not one.get("link") and "version" in one:
            yield one.get("name") or key.rpartition("node_modules/")[2], one["version"]


def _yarn(text: str) -> Iterator[Pin]:
    return iter(_YARN_ENTRY.findall(text))


def _berry(text: str) -> Iterator[Pin]:
    for row in yaml.safe_load(text).values():
        name, _, where = (row.get("resolution") or "@").rpartition("@npm:")
        if name and "::" not in where:
            yield name, str(row["version"])


def _pnpm(text: str) -> Iterator[Pin]:
    keys = (key.lstrip("/").partition("(")[0] for key in yaml.safe_load(text)["packages"])
    return ((key.rpartition("@")[0], key.rpartition("@")[2]) for key in keys)


def _vendored(text: str) -> Iterator[Pin]:
    return ((replaced or name, newer or version) for name, version, replaced, newer in _MODULE.findall(text))


@dataclass(frozen=True, slots=True)
class Published:
    """One file of a published package: its ecosystem, its plain reading, and the file that this reads where it is another."""

    package: str
    file: str
    ecosystem: str
    plain: Callable[[str], Iterator[Pin]]
    read_from: str = ""


FILES = (
    Published("mcp==1.9.4", "uv.lock", "PyPI", _toml),
    Published("poetry==1.8.3", "tests/fixtures/up_to_date_lock/poetry.lock", "PyPI", _toml),
    Published("poetry==1.8.3", "tests/fixtures/old_lock/poetry.lock", "PyPI", _toml),
    Published("pdm==2.18.1", "tests/fixtures/projects/demo-package/pdm.lock", "PyPI", _toml),
    Published("pipenv==2023.10.3", "examples/Pipfile.lock", "PyPI", _pipfile),
    Published("pdm==2.18.1", "tests/fixtures/projects/demo-package/requirements.txt", "PyPI", _pinned),
    Published("apache-airflow-core==3.0.0", "src/airflow/api_fastapi/auth/managers/simple/ui/package-lock.json", "npm", _npm),
    Published("netlify-cli@17.10.0", "npm-shrinkwrap.json", "npm", _npm),
    Published("apache-airflow==2.10.0", "airflow/www/yarn.lock", "npm", _yarn),
    Published("jupyterlab==4.2.0", "jupyterlab/staging/yarn.lock", "npm", _berry),
    Published("apache-airflow-core==3.0.0", "src/airflow/ui/pnpm-lock.yaml", "npm", _pnpm),
    Published("cryptography==42.0.5", "src/rust/Cargo.lock", "crates.io", _cargo),
    Published("wandb==0.18.5", "gpu_stats/Cargo.lock", "crates.io", _cargo),
    Published("wandb==0.18.5", "core/go.mod", "Go", _vendored, "core/vendor/modules.txt"),
)


def main(most: int = len(FILES)) -> None:
    """Fetch, read twice, find twice, compare."""
    print(f"{'file':52} {'packages':>8} {'plain':>6} {'faults':>7} {'same':>6} {'ours':>5} {'theirs':>6}")
    with tempfile.TemporaryDirectory(prefix="upkeep-bench-") as name:
        folder = Path(name)
        for one in FILES[:most]:
            top = _fetched(folder, one.package)
            if top is None:
                print(f"skipped: {one.package} cannot be fetched here")
            else:
                _compare(top, one)


def _compare(top: Path, one: Published) -> None:
    reading = folder_repository("bench", top).reading(one.file)
    for reason in reading.incomplete:
        print(f"  incomplete: {reason}")
    plain = {(_name(one, name), version) for name, version in one.plain((top / (one.read_from or one.file)).read_text("utf-8"))}
    packages = [each for each in reading.packages if each.origin is Origin.REGISTRY and each.version]
    documents = _documents(one, {*plain, *((each.name, each.version or "") for each in packages)})
    ours = _ours(packages, documents)
    theirs = _audited(plain, documents, top) if one.ecosystem == "PyPI" else {pin: {f"ALL-{pin[0]}"} for pin in plain}
    found, other = ({(pin, fault) for pin, names in side.items() for fault in names} for side in (ours, theirs))
    where = f"{one.package} {Path(one.file).name}"
    counts = (len(packages), len(plain), len(found | other), len(found & other), len(found - other), len(other - found))
    print(f"{where:52} {counts[0]:8} {counts[1]:6} {counts[2]:7} {counts[3]:6} {counts[4]:5} {counts[5]:6}")
    for who, more in (("ours", found - other), ("theirs", other - found)):
        for (name, version), fault in sorted(more)[:_SHOWN]:
            print(f"  only {who}: {name} {version} {fault}")


def _name(one: Published, name: str) -> str:
    return canonicalize_name(name) if one.ecosystem == "PyPI" else name


def _documents(one: Published, pins: Iterable[Pin]) -> list[dict[str, Any]]:
    """The advisories of both sides: one for each package about all of its versions, and for Python the dump's about them."""
    names = {name for name, _ in pins}
    everything = [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}]}]
    made = [
        {"id": f"ALL-{name}", "modified": "2025-01-01T00:00:00Z",
         "affected": [{"package": {"ecosystem": one.ecosystem, "name": name}, "ranges": everything}]}
        for name in sorted(names)
    ]  # fmt: skip
    known = _dump() if one.ecosystem == "PyPI" else []
    about = [{canonicalize_name(part["package"]["name"]) for part in found["affected"]} for found in known]
    return [*made, *(found for found, its in zip(known, about, strict=True) if names & its)]


@cache
def _dump() -> list[dict[str, Any]]:
    if not DUMP.exists():
        return []
    with zipfile.ZipFile(DUMP) as archive:
        return [json.loads(archive.read(name)) for name in archive.namelist()]


def _ours(packages: Iterable[Package], documents: Iterable[dict[str, Any]]) -> Faults:
    known = Knowledge(tuple(map(read_advisory, documents)), {})
    faults: Faults = {}
    for one in look([Located("it", package) for package in packages], known, AT).found:
        for place in one.places:
            faults.setdefault((place.package.name, place.package.version or ""), set()).update(one.fault.advisories)
    return faults


def _audited(pins: Iterable[Pin], documents: list[dict[str, Any]], folder: Path) -> Faults:
    """What pip-audit finds; a package in several versions is asked about in one run for each."""
    versions: dict[str, list[str]] = {}
    for name, version in sorted(pins):
        versions.setdefault(name, []).append(version)
    faults: Faults = {}
    with osv(documents) as server:
        for number in range(max(map(len, versions.values()), default=0)):
            now = {name: each[number] for name, each in versions.items() if number < len(each)}
            file = folder / "pins.txt"
            file.write_text("".join(f"{name}=={version}\n" for name, version in now.items()))
            faults |= {(name, now[name]): found for name, found in audited(file, server.address).items()}
    return faults


def _fetched(folder: Path, package: str) -> Path | None:
    """The unpacked folder of a package; None where it cannot be had."""
    top = folder / re.sub(r"\W+", "-", package)
    if not top.exists():
        made = folder / "fetched"
        made.mkdir(exist_ok=True)
        if not (_from_index if "==" in package else _from_npm)(package, made):
            return None
        (archive,) = made.iterdir()
        with tarfile.open(archive) as file:
            file.extractall(top, filter="data")
        archive.unlink()
    return next(top.iterdir())


def _from_npm(package: str, folder: Path) -> bool:
    npm = shutil.which("npm")
    return bool(npm) and _runs([npm or "", "pack", "--silent", package], folder, {})


def _from_index(package: str, folder: Path) -> bool:
    tools = folder.parent / "tools"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--retries", "1", "--target", str(tools), "unearth"]
    fetch = [sys.executable, "-m", "unearth", "--no-binary", "--download", str(folder), package]
    return (tools.exists() or _runs(pip, folder, {})) and _runs(fetch, folder, {"PYTHONPATH": str(tools)})


def _runs(args: list[str], folder: Path, more: dict[str, str]) -> bool:
    done = subprocess.run(args, cwd=folder, env={**os.environ, **more}, capture_output=True, timeout=300, check=False)
    return done.returncode == 0 and (not more or any(folder.iterdir()))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
