"""Good files of each kind, changed at random: the answer is always a reading in the readers' own words, and soon."""

import json
import random
from collections.abc import Iterator
from typing import Any

import pytest

from tests.formats.lockfiles.test_gemfile_lock import GOOD as GEMFILE
from tests.formats.lockfiles.test_go_mod import WHOLE as GO_MOD
from tests.formats.lockfiles.test_installed import APK, DEBIAN, DPKG
from tests.formats.lockfiles.test_mix_lock import GOOD as MIX
from tests.formats.lockfiles.test_pubspec_lock import GOOD as PUBSPEC
from tests.formats.lockfiles.test_sboms import RDF, SPDX, SPDX3, TAGS, XML
from upkeep.formats.lockfiles.registry import read
from upkeep.formats.package import Reading

CARGO = """version = 4
[[package]]
name = "shop"
version = "0.1.0"
dependencies = ["serde", "rand 0.8.5"]
[[package]]
name = "serde"
version = "1.0.2"
source = "registry+https://github.com/rust-lang/crates.io-index"
[[package]]
name = "rand"
version = "0.8.5"
source = "git+https://x.example/rand#aa"
"""
POM = """<project><properties><v>1</v></properties><dependencies><dependency><groupId>a</groupId><artifactId>b</artifactId>
<version>${v}</version></dependency></dependencies></project>"""
COMPOSER = {
    "packages": [{"name": "a/b", "version": "1.0", "require": {"php": "8"}, "license": ["MIT"], "source": {"type": "git"}}],
    "packages-dev": [],
}
NUGET = {"dependencies": {"net6": {"A": {"type": "Direct", "resolved": "1.0", "dependencies": {"B": "1"}}}}}
CYCLONEDX = {
    "bomFormat": "CycloneDX",
    "metadata": {"component": {"name": "x", "bom-ref": "x"}},
    "components": [
        {"type": "library", "name": "a", "purl": "pkg:npm/a@1", "licenses": [{"license": {"id": "MIT"}}], "pedigree": {}}
    ],
    "dependencies": [{"ref": "x", "dependsOn": ["pkg:npm/a@1"]}],
}
TEXTS = {
    "go.mod": GO_MOD, "Cargo.lock": CARGO, "Gemfile.lock": GEMFILE, "mix.lock": MIX, "pubspec.lock": PUBSPEC, "pom.xml": POM,
    "gradle.lockfile": "# x\na.b:c:1.0=runtimeClasspath\nempty=\n", "bom.xml": XML, "x.spdx": TAGS, "x.spdx.rdf": RDF,
    "var/lib/dpkg/status": DPKG, "lib/apk/db/installed": APK,
}  # fmt: skip
DOCUMENTS = {
    "composer.lock": COMPOSER, "packages.lock.json": NUGET, "x.cdx.json": CYCLONEDX, "x.spdx.json": SPDX, "x.spdx3.json": SPDX3,
}  # fmt: skip
PIECES = (
    b"",
    b"\0",
    b"\xff",
    b"[",
    "{",
    b'"',
    b"<",
    b"-",
    b":",
    b"=",
    b"\n",
    b"\n\n",
    b"0" * 5000,
    "ä".encode(),
    b"'; drop table x",
)
VALUES: tuple[Any, ...] = (None, True, 0, -1.5, 10**30, "", "x", [], [None], {}, {"": None}, [[]], {"a": {"b": []}})


def answered(path: str, raw: bytes) -> Reading:
    return read(path, raw, lambda beside: DEBIAN if beside.endswith("etc/os-release") else None)


def changed(text: bytes, chance: random.Random) -> bytes:
    for _ in range(chance.randint(1, 4)):
        begin = chance.randrange(len(text) + 1)
        end = min(len(text), begin + chance.choice((0, 0, 1, 5, 200)))
        piece = chance.choice(PIECES)
        text = text[:begin] + (piece if isinstance(piece, bytes) else piece.encode()) + text[end:]
    return text


def variants(value: Any) -> Iterator[Any]:
    """The document with each value within it replaced by each of `VALUES`."""
    yield from VALUES
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, old in inner:
        for new in variants(old):
            yield {**value, key: new} if isinstance(value, dict) else [*value[:key], new, *value[key + 1 :]]


@pytest.mark.parametrize("path", TEXTS)
def test_bytes_that_change(path: str) -> None:
    good, chance = TEXTS[path].encode(), random.Random(path)  # noqa: S311 - the same changes each time
    assert answered(path, good).packages
    for _ in range(300):
        raw = changed(good, chance)
        for reason in answered(path, raw).incomplete:
            assert "its reader failed" not in reason, (raw, reason)


@pytest.mark.parametrize("path", DOCUMENTS)
def test_values_of_other_kinds(path: str) -> None:
    assert answered(path, json.dumps(DOCUMENTS[path]).encode()).packages
    for variant in variants(DOCUMENTS[path]):
        raw = json.dumps(variant).encode()
        for reason in answered(path, raw).incomplete:
            assert "its reader failed" not in reason, (raw, reason)
