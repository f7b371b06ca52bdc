"""Pipfile.lock, pdm.lock and pylock.toml."""

import json
from typing import Any

import pytest

from tests.formats.lockfiles.reading import by_name, pins, read_text
from upkeep.formats.package import Origin, Scope

COMMIT = "a1" * 20


def pipfile(default: dict[str, Any], **more: Any) -> str:
    return json.dumps({"_meta": {}, "default": default, **more}, indent=1)


@pytest.mark.baseline
def test_pipfile_lock() -> None:
    text = pipfile(
        {"Requests": {"version": "==2.31.0", "hashes": ["sha256:aa"], "extras": ["Socks"], "markers": "os_name == 'nt'"}},
        develop={"requests": {"version": "==2.31.0"}, "pytest": {"version": "==8.0.0"}},
        docs={"sphinx": {"version": "==7"}},
    )
    reading = read_text("Pipfile.lock", text, {"Pipfile": '[packages]\nrequests = "*"\n[dev-packages]\n'})
    first, again, pytest_, sphinx = reading.packages
    assert (first.name, first.version, first.scope, first.direct) == ("requests", "2.31.0", Scope.PRODUCTION, True)
    assert (first.hashes, first.extras, first.marker) == (("sha256:aa",), ("socks",), "os_name == 'nt'")
    assert again.scope is Scope.PRODUCTION
    assert (pytest_.scope, pytest_.direct, sphinx.scope) == (Scope.DEVELOPMENT, False, Scope.DEVELOPMENT)


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ({"version": "*"}, (None, "*", Origin.REGISTRY, None)),
        ({"version": ">=1"}, (None, ">=1", Origin.REGISTRY, None)),
        ({"version": "==1.*"}, (None, "==1.*", Origin.REGISTRY, None)),
        ({"git": "https://e.org/a", "ref": COMMIT}, (None, None, Origin.GIT, COMMIT)),
        ({"git": "https://e.org/a", "ref": "main"}, (None, None, Origin.GIT, None)),
        ({"path": "."}, (None, None, Origin.PATH, None)),
        ({"file": "https://e.org/a.zip"}, (None, None, Origin.URL, None)),
    ],
)
def test_entries_of_a_pipfile_lock(entry: dict[str, Any], expected: tuple[object, ...]) -> None:
    package = by_name(read_text("Pipfile.lock", pipfile({"a": entry})))["a"]
    assert (package.version, package.asked_for, package.origin, package.commit) == expected
    assert package.direct is None


@pytest.mark.fault
def test_what_is_lost_of_a_pipfile_lock_is_said() -> None:
    assert read_text("Pipfile.lock", "{}").incomplete == ("has no `_meta`: it is no Pipfile.lock",)
    assert read_text("Pipfile.lock", pipfile({"a": "1"})).incomplete == ("a is no package",)


PDM = f"""\
[metadata]
groups = ["default", "dev"]
lock_version = "4.5.0"

[[package]]
name = "fastapi"
version = "0.111.0"
groups = ["default"]
dependencies = ["starlette<0.38,>=0.37", "typing-extensions>=4.8; python_version < '3.11'"]
files = [{{file = "f.whl", hash = "sha256:aa"}}]

[[package]]
name = "fastapi"
version = "0.111.0"
extras = ["All"]
groups = ["default"]
dependencies = ["fastapi==0.111.0"]

[[package]]
name = "starlette"
version = "0.37.2"
groups = ["default"]

[[package]]
name = "pytest"
version = "8.0.0"
groups = ["dev"]
marker = "os_name == 'nt'"

[[package]]
name = "forked"
version = "1"
git = "https://e.org/forked"
ref = "main"
revision = "{COMMIT}"
"""
PROJECT = '[project]\ndependencies = ["FastAPI[all]>=0.1"]\n[tool.pdm.dev-dependencies]\ndev = ["pytest"]\n'


@pytest.mark.baseline
def test_pdm_lock() -> None:
    found = by_name(read_text("pdm.lock", PDM, {"pyproject.toml": PROJECT}))
    fastapi = found["fastapi"]
    assert (fastapi.direct, fastapi.scope, fastapi.extras, fastapi.hashes) == (True, Scope.PRODUCTION, ("all",), ("sha256:aa",))
    assert (found["starlette"].path, found["starlette"].direct) == (("fastapi", "starlette"), False)
    assert (found["pytest"].scope, found["pytest"].marker, found["pytest"].line) == (Scope.DEVELOPMENT, "os_name == 'nt'", 24)
    assert (found["forked"].origin, found["forked"].commit) == (Origin.GIT, COMMIT)


@pytest.mark.fault
def test_what_is_lost_of_a_pdm_lock_is_said() -> None:
    assert read_text("pdm.lock", PDM.partition("\n\n")[2]).incomplete == ("has no [metadata]: it is no pdm.lock",)


PYLOCK = f"""\
lock-version = "1.0"
created-by = "pip"
default-groups = ["main"]

[[packages]]
name = "attrs"
version = "25.1.0"
wheels = [{{name = "attrs.whl", url = "https://e.org/attrs.whl", hashes = {{sha256 = "aa"}}}}]

[[packages]]
name = "pytest"
version = "8.0.0"
marker = "'dev' in dependency_groups"

[[packages]]
name = "black"
version = "24.1.0"
marker = "'dev' in dependency_groups or 'fmt' in extras"

[[packages]]
name = "forked"
vcs = {{type = "git", url = "https://e.org/f", commit-id = "{COMMIT}"}}

[[packages]]
name = "here"
directory = {{path = ".", editable = true}}

[[packages]]
name = "packed"
version = "1"
archive = {{url = "https://e.org/p.zip", hashes = {{sha256 = "bb"}}}}
"""


@pytest.mark.baseline
@pytest.mark.parametrize("path", ["pylock.toml", "deep/pylock.prod.toml"])
def test_pylock(path: str) -> None:
    found = by_name(read_text(path, PYLOCK, {"pyproject.toml": '[project]\ndependencies = ["attrs"]'}))
    assert (found["attrs"].direct, found["attrs"].hashes, found["attrs"].line) == (True, ("sha256:aa",), 5)
    assert [found[name].scope for name in ("attrs", "pytest", "black")] == [
        Scope.PRODUCTION, Scope.DEVELOPMENT, Scope.PRODUCTION,
    ]  # fmt: skip
    assert (found["forked"].origin, found["forked"].commit, found["forked"].version) == (Origin.GIT, COMMIT, None)
    assert (found["here"].origin, found["packed"].origin) == (Origin.PATH, Origin.URL)


@pytest.mark.fault
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = 1", "has no `lock-version`: it is no pylock.toml"),
        ('lock-version = "2.0"\npackages = []', "is of version 2.0, and versions 1.x are read"),
        ('lock-version = "1.0"', "has no list `packages`: it was cut off"),
    ],
)
def test_what_is_lost_of_a_pylock_is_said(text: str, message: str) -> None:
    assert read_text("pylock.toml", text).incomplete == (message,)


def test_none_is_none() -> None:
    assert pins(read_text("pylock.toml", 'lock-version = "1.0"\npackages = []')) == []
