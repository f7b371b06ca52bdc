"""
What lockfiles of others say: time of each kind, what could not be read, and where another reader says otherwise.

Give a folder of unpacked packages, such as sdists (pip download --no-binary :all: NAME), sources of Debian (apt-get source) and
npm packages (npm pack NAME): nothing is fetched here. The other readers are pip-audit's parser of requirements; npm itself (`npm
ls`) for package-lock.json; yarn's own parser where NODE_PATH has @yarnpkg/lockfile; and, where a format is TOML, JSON or YAML or
has one line a package, its plain table of names and versions. A difference is printed and counted, never hidden.

    python -m bench.lockfiles FOLDER
"""

import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import yaml
from packaging.utils import canonicalize_name
from pip_requirements_parser import RequirementsFile

from upkeep.formats.package import Package, Reading
from upkeep.sources.repository import folder_repository

Pin = tuple[str, str | None]
Peer = Callable[[Path], set[Pin]]
_SHOWN = 5
_YARN = "const l=require('@yarnpkg/lockfile');console.log(JSON.stringify(l.parse(require('fs').readFileSync(0,'utf8')).object))"
_GEM = re.compile(r"^    ([^ (]+) \(([^)]+)\)$", re.MULTILINE)


def main(folder: Path) -> None:
    """Read every lockfile below a folder."""
    repository = folder_repository("bench", folder)
    files, packages, seconds, lost, same = Counter[str](), Counter[str](), Counter[str](), 0, Counter[str]()
    for path in repository.lockfiles():
        started = time.perf_counter()
        reading = repository.reading(path)
        seconds[reading.kind] += time.perf_counter() - started  # type: ignore[assignment]
        files[reading.kind] += 1
        packages[reading.kind] += len(reading.packages)
        lost += bool(reading.incomplete)
        for reason in reading.incomplete[:3]:
            print(f"  incomplete: {path}: {reason}")
        same[f"{reading.kind} {_compare(folder / path, reading)}"] += 1
    print(f"{'kind':24} {'files':>6} {'packages':>9} {'ms a file':>10} {'alike':>6} {'differ':>7} {'alone':>6}")
    for kind in sorted(files):
        counts = [same[f"{kind} {reason}"] for reason in ("alike", "differs", "alone")]
        ms = seconds[kind] * 1000 / files[kind]
        print(f"{kind:24} {files[kind]:6} {packages[kind]:9} {ms:10.1f} {counts[0]:6} {counts[1]:7} {counts[2]:6}")
    print(f"{files.total()} files, {lost} incomplete")


def _compare(path: Path, reading: Reading) -> str:
    """Whether another reader says the same; prints what only one of the two found."""
    peer = _PEERS.get(reading.kind) or _PEERS.get(path.name)
    if peer is None:
        return "alone"
    try:
        theirs = peer(path)
    except Exception as error:  # noqa: BLE001 - the other reader raises what it likes
        print(f"  the other reader stops at {path}: {str(error)[:200]}")
        return "alone"
    ours = {_pin(package) for package in reading.packages}
    for name, version in sorted(found := theirs ^ ours, key=str)[:_SHOWN]:
        print(f"  only {'ours' if (name, version) in ours else 'theirs'}: {name} {version} in {path}")
    if len(found) > _SHOWN:
        print(f"  and {len(found) - _SHOWN} more in {path}")
    return "differs" if found else "alike"


def _pin(package: Package) -> Pin:
    return package.name, package.version


def _requirements(path: Path) -> set[Pin]:
    found = RequirementsFile.from_file(str(path), include_nested=True).requirements
    return {(canonicalize_name(one.name), one.get_pinned_version) for one in found if one.name}


def _toml(path: Path) -> set[Pin]:
    told = tomllib.loads(path.read_text(encoding="utf-8"))
    name = (lambda text: text) if path.name == "Cargo.lock" else canonicalize_name
    return {(name(one["name"]), one.get("version")) for one in (told.get("package") or told.get("packages") or ())}


def _npm(path: Path) -> set[Pin]:
    """What npm itself makes of a lockfile, which it reads without fetching anything."""
    with tempfile.TemporaryDirectory() as folder:
        for name in (path.name, "package.json"):
            if (path.parent / name).exists():
                shutil.copyfile(path.parent / name, Path(folder, name))
        args = [shutil.which("npm") or "npm", "ls", "--all", "--json", "--package-lock-only", "--offline"]
        done = subprocess.run(args, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    return set(_npm_tree(json.loads(done.stdout).get("dependencies") or {}))


def _npm_tree(dependencies: dict[str, Any]) -> Iterator[Pin]:
    for name, one in dependencies.items():
        if one.get("version") and not one.get("missing"):
            yield name, one["version"]
        yield from _npm_tree(one.get("dependencies") or {})


def _yarn(path: Path) -> set[Pin]:
    """Yarn 1 by its own parser, newer ones by their YAML."""
    text = path.read_text(encoding="utf-8")
    if "__metadata:" in text:
        rows = {key: row for key, row in yaml.safe_load(text).items() if key != "__metadata"}
    else:
        args = [shutil.which("node") or "node", "-e", _YARN]
        rows = json.loads(subprocess.run(args, input=text, capture_output=True, text=True, timeout=60, check=True).stdout)
    return {(key.split(", ")[0].rpartition("@")[0], str(row["version"])) for key, row in rows.items()}


def _pnpm(path: Path) -> set[Pin]:
    keys = [key.lstrip("/").partition("(")[0] for key in yaml.safe_load(path.read_text(encoding="utf-8")).get("packages") or {}]
    cut = [key.rpartition("@") if "@" in key[1:] else key.rpartition("/") for key in keys]
    return {(name, version.partition("_")[0]) for name, _, version in cut}


def _gems(path: Path) -> set[Pin]:
    return set(_GEM.findall(path.read_text(encoding="utf-8")))


def _composer(path: Path) -> set[Pin]:
    told = json.loads(path.read_text(encoding="utf-8"))
    return {(one["name"], one["version"]) for part in ("packages", "packages-dev") for one in told.get(part) or ()}


def _pipfile(path: Path) -> set[Pin]:
    told = json.loads(path.read_text(encoding="utf-8"))
    every = {**told.get("develop", {}), **told.get("default", {})}
    return {(canonicalize_name(name), str(one.get("version", "")).removeprefix("==") or None) for name, one in every.items()}


_PEERS: dict[str, Peer] = {
    "requirements.txt": _requirements,
    **dict.fromkeys(("poetry.lock", "pdm.lock", "uv.lock", "Cargo.lock", "pylock.toml"), _toml),
    **dict.fromkeys(("package-lock.json", "npm-shrinkwrap.json"), _npm),
    "yarn.lock": _yarn,
    "pnpm-lock.yaml": _pnpm,
    "Gemfile.lock": _gems,
    "composer.lock": _composer,
    "Pipfile.lock": _pipfile,
}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
