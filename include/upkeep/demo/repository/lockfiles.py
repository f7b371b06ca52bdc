"""The shop's lockfiles as the package managers write them: uv.lock, package-lock.json (version 3), and dpkg's database."""

import base64
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from upkeep.demo.repository.history import Project

_SOURCES = {"libc6": "glibc", "libdemo-tls3": "demo-tls", "zlib1g": "zlib"}
_OS_RELEASE = b'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\nVERSION_ID="12"\n'


def files(project: Project) -> Mapping[str, bytes]:
    """What stands in the repository of a project, by path: its lockfile, and beside dpkg's database what it is a database of."""
    more = {str(PurePosixPath(project.file).parents[3] / "etc/os-release"): _OS_RELEASE} if project.language == "image" else {}
    return {project.file: written(project), **more}


def written(project: Project) -> bytes:
    """The text of the project's lockfile."""
    return {"python": _uv_lock, "npm": _package_lock, "image": _dpkg_status}[project.language](project).encode()


def _uv_lock(project: Project) -> str:
    return "\n".join(_uv_lines(project)) + "\n"


def _uv_lines(project: Project) -> Iterator[str]:
    yield from ("version = 1", "revision = 1", 'requires-python = ">=3.11"')
    versions = {**project.versions, project.name: "0.1.0"}
    for name in sorted(versions):
        own = name == project.name
        yield from ("", "[[package]]", f'name = "{name}"', f'version = "{versions[name]}"')
        yield 'source = { virtual = "." }' if own else 'source = { registry = "https://pypi.org/simple" }'
        yield from _uv_needs("dependencies", project.uses if own else project.needs.get(name, ()))
        if own:
            yield from ("", "[package.dev-dependencies]", *_uv_needs("dev", project.develops_with))
        else:
            yield f'sdist = {{ url = "{name}-{versions[name]}.tar.gz", hash = "sha256:{_sha(name, versions[name]).hex()}" }}'


def _uv_needs(key: str, names: Iterable[str]) -> list[str]:
    lines = [f'    {{ name = "{name}" }},' for name in sorted(names)]
    return [f"{key} = [", *lines, "]"] if lines else []


def _package_lock(project: Project) -> str:
    production = project.in_production()
    ranges = {name: f"^{version}" for name, version in project.versions.items()}
    root: dict[str, Any] = {"name": project.name, "version": "0.1.0"}
    root["dependencies"] = {name: ranges[name] for name in sorted(project.uses)}
    root["devDependencies"] = {name: ranges[name] for name in sorted(project.develops_with)}
    packages: dict[str, Any] = {"": root}
    for name, version in sorted(project.versions.items()):
        digest = base64.b64encode(_sha(name, version) * 2).decode()
        entry: dict[str, Any] = {"version": version, "integrity": f"sha512-{digest}"}
        entry["resolved"] = f"https://registry.npmjs.org/{name}/-/{name.rpartition('/')[2]}-{version}.tgz"
        if name not in production:
            entry["dev"] = True
        if name in project.needs:
            entry["dependencies"] = {needed: ranges[needed] for needed in sorted(project.needs[name])}
        packages[f"node_modules/{name}"] = entry
    document = {"name": project.name, "version": "0.1.0", "lockfileVersion": 3, "requires": True, "packages": packages}
    return json.dumps(document, indent=2) + "\n"


def _dpkg_status(project: Project) -> str:
    return "".join(
        f"Package: {name}\nStatus: install ok installed\nArchitecture: amd64\n"
        f"{f'Source: {_SOURCES[name]}{chr(10)}' if name in _SOURCES else ''}Version: {version}\n\n"
        for name, version in sorted(project.versions.items())
    )


def _sha(name: str, version: str) -> bytes:
    """Stands for the digest of a file that nobody fetches."""
    return hashlib.sha256(f"{name} {version}".encode()).digest()
