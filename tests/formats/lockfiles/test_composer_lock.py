"""composer.lock: packages-dev is read, production wins; branches are no versions."""

import json
from typing import Any

import pytest

from upkeep.formats.lockfiles.registry import read
from upkeep.formats.package import Origin, Package, Reading, Scope

GIT = {"source": {"type": "git", "url": "https://github.com/a/b", "reference": "abc123"}, "dist": {"type": "zip"}}


def reading(packages: list[Any], dev: list[Any] | None = None, manifest: dict[str, Any] | None = None) -> Reading:
    raw = json.dumps({"packages": packages, "packages-dev": dev or []}).encode()
    beside = json.dumps(manifest).encode() if manifest is not None else None
    return read("composer.lock", raw, lambda path: beside if path == "composer.json" else None)


def only(**entry: Any) -> Package:
    found = reading([{"name": "a/b", "version": "1.0.0"} | entry])
    assert found.incomplete == ()
    return found.packages[0]


def test_development_is_read_and_production_wins() -> None:
    one, both = {"name": "a/dev", "version": "1.0"}, {"name": "a/Both", "version": "v2.0"}
    found = reading([both], [one, both])
    assert {p.name: p.scope for p in found.packages} == {"a/dev": Scope.DEVELOPMENT, "a/both": Scope.PRODUCTION}
    assert [p.direct for p in found.packages] == [None, None]
    assert "composer.json is missing" in found.notes[0]


def test_direct_ones_and_through_whom() -> None:
    entries = [
        {"name": "a/a", "version": "1.0", "require": {"php": ">=8", "ext-json": "*", "A/B": "^1"}},
        {"name": "a/b", "version": "1.0", "require": []},
    ]
    found = reading(entries, manifest={"require": {"php": "^8", "a/a": "^1"}, "require-dev": []})
    assert [(p.name, p.direct, p.path) for p in found.packages] == [("a/a", True, ("a/a",)), ("a/b", False, ("a/a", "a/b"))]
    assert found.notes == ()


@pytest.mark.parametrize("version", ["dev-main", "1.x-dev", "dev-feature/x"])
def test_a_branch_is_no_version(version: str) -> None:
    found = only(version=version, **GIT)
    assert (found.version, found.asked_for, found.origin, found.commit) == (None, version, Origin.GIT, "abc123")


def test_a_release_from_git_is_the_registrys() -> None:
    assert (only(**GIT).origin, only(**GIT).commit) == (Origin.REGISTRY, None)
    assert only(version="2.4.5-p1").version == "2.4.5-p1"
    assert only(dist={"type": "path", "url": "../b"}).origin is Origin.PATH


def test_licences_and_abandoned_ones() -> None:
    assert only(license=["MIT", "GPL-3.0-or-later"]).licence == "MIT OR GPL-3.0-or-later"
    assert (only().licence, only().deprecated) == (None, None)
    assert only(abandoned=True).deprecated == "abandoned"
    assert only(abandoned="c/d").deprecated == "abandoned; use c/d"


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"{}", "this is no composer.lock"),
        (b'{"packages": {}}', "packages is no list"),
        (b'{"packages": [{"name": "a/b"}]}', "the version of a/b is no text"),
        (b'{"packages": [{"version": "1"}]}', "the name of a package is no text"),
        (b'{"packages": [{"name": "a/b", "version": "1", "require": "x"}]}', "require is no object"),
        (b'{"a":' * 100_000, "nested too deep"),
    ],
)
def test_what_cannot_be_read_is_said(raw: bytes, message: str) -> None:
    found = read("composer.lock", raw, lambda _: None)
    assert (message in found.incomplete[0], found.packages) == (True, ())
