"""Good files made bad: cut off anywhere, bytes changed. A reader never fails, and never says less without saying so."""

import json
import random
from collections.abc import Callable
from typing import Any

import pytest

from tests.formats.lockfiles import test_other_python_locks as others
from tests.formats.lockfiles import test_package_lock, test_pnpm_and_bun, test_poetry_lock, test_uv_lock, test_yarn_lock
from tests.formats.lockfiles.reading import read_text
from upkeep.formats.package import Package, Reading

BESIDE = {
    "package.json": json.dumps(
        {"dependencies": {"@s/b": "^2.0.0", "foo-json": "npm:@types/jsonstream@^1.0.0", "g": "github:u/g"}}
    ),
    "packages/lib/package.json": "{}",
    "pyproject.toml": others.PROJECT,
}
UV_PROJECT = '[project]\ndependencies = ["flask[async]"]\noptional-dependencies = {db = ["psycopg"]}\n'
REQUIREMENTS = 'a==1 \\\n  --hash=sha256:aa\n-r b.txt\nc>=1 ; os_name == "nt"\n-e git+https://e.org/d#egg=d\n# via x\n'
PIPFILE = others.pipfile({"a": {"version": "==1"}}, develop={"b": {"version": "==2"}})
GOOD = {
    "poetry.lock": test_poetry_lock.LOCK,
    "uv.lock": test_uv_lock.LOCK,
    "pdm.lock": others.PDM,
    "pylock.toml": others.PYLOCK,
    "Pipfile.lock": PIPFILE,
    "requirements.txt": REQUIREMENTS,
    "package-lock.json": json.dumps(test_package_lock.OLD, indent=1),
    "yarn.lock": test_yarn_lock.CLASSIC,
    "berry/yarn.lock": test_yarn_lock.BERRY,
    "pnpm-lock.yaml": test_pnpm_and_bun.NINE,
    "six/pnpm-lock.yaml": test_pnpm_and_bun.SIX,
    "bun.lock": test_pnpm_and_bun.BUN,
}
# What nothing in the file itself names again may be cut off at the border of two entries without a trace.
UNTOLD = {"requirements.txt", "pylock.toml", "pdm.lock"}
TIMES = 400


def read(path: str, raw: bytes) -> Reading:
    project = {"pyproject.toml": UV_PROJECT} if path == "uv.lock" else {}
    reading = read_text(path, raw, {**BESIDE, **project, "b.txt": "b==1"})
    assert not [reason for reason in reading.incomplete if reason.startswith("its reader failed")], reading.incomplete
    return reading


def names(packages: tuple[Package, ...]) -> set[tuple[str, str | None]]:
    return {(package.name, package.version) for package in packages}


@pytest.mark.parametrize("path", sorted(GOOD))
def test_the_good_ones_are_good(path: str) -> None:
    assert read(path, GOOD[path].encode()).packages
    assert read(path, GOOD[path].encode()).incomplete == ()


@pytest.mark.fault
@pytest.mark.parametrize("path", sorted(set(GOOD) - UNTOLD))
def test_cut_off_anywhere_it_is_incomplete(path: str) -> None:
    whole = names(read(path, GOOD[path].encode()).packages)
    lines = GOOD[path].splitlines(keepends=True)
    for count in range(1, len(lines)):
        reading = read(path, "".join(lines[:count]).encode())
        missing = whole - names(reading.packages)
        assert reading.incomplete or not missing or _only_unneeded(path, missing), (count, missing)


def _only_unneeded(path: str, missing: set[tuple[str, str | None]]) -> bool:
    """Packages at the end that nothing in the example needs: the demand of "l" is not in the project's file of these tests."""
    return path == "yarn.lock" and missing == {("l", "0.0.0")}


def flipped(raw: bytearray, chance: random.Random) -> None:
    for _ in range(chance.randint(1, 4)):
        raw[chance.randrange(len(raw))] = chance.randrange(256)


def cut(raw: bytearray, chance: random.Random) -> None:
    start = chance.randrange(len(raw))
    del raw[start : start + chance.randint(1, 60)]


def doubled(raw: bytearray, chance: random.Random) -> None:
    start = chance.randrange(len(raw))
    raw[start:start] = raw[start : start + chance.randint(1, 200)]


def exchanged(raw: bytearray, chance: random.Random) -> None:
    args = [b"{}", b"[]", b"null", b'""', b"0", b"true", b"[1]", b'"\\ud800"', b"@", b"=", b"\n", b"  ", b"-", b":", b"# via"]
    start = chance.randrange(len(raw))
    raw[start : start + chance.randint(0, 12)] = chance.choice(args)


@pytest.mark.fault
@pytest.mark.parametrize("change", [flipped, cut, doubled, exchanged], ids=lambda change: change.__name__)
@pytest.mark.parametrize("path", sorted(GOOD))
def test_changed_anyhow_it_never_fails(path: str, change: Callable[[bytearray, random.Random], None]) -> None:
    chance = random.Random(f"{path} {change.__name__}")  # noqa: S311 - the same every time
    for _ in range(TIMES):
        raw = bytearray(GOOD[path].encode())
        change(raw, chance)
        for package in read(path, bytes(raw)).packages:
            package.name.encode()
            assert package.name.isprintable()
            assert (package.version or "").isprintable()


@pytest.mark.fault
@pytest.mark.parametrize("path", sorted(GOOD))
def test_each_value_of_another_type_never_fails(path: str) -> None:
    """Wherever a value stands in JSON, another type of value stands instead."""
    if not path.endswith((".json", "Pipfile.lock")):
        pytest.skip("other forms are changed by bytes")
    document = json.loads(GOOD[path])
    for other in (None, 7, "x", [], {}, [None], {"a": 1}, True):
        for where in list(_places(document)):
            read(path, json.dumps(_with(document, where, other)).encode())


def _places(value: object, here: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
    items = list(value.items()) if isinstance(value, dict) else list(enumerate(value)) if isinstance(value, list) else []
    return [place for key, inner in items for place in [(*here, key), *_places(inner, (*here, key))]]


def _with(value: Any, where: tuple[object, ...], other: object) -> Any:
    if not where:
        return other
    items = list(value.items()) if isinstance(value, dict) else list(enumerate(value))
    made = [(key, _with(inner, where[1:], other) if key == where[0] else inner) for key, inner in items]
    return dict(made) if isinstance(value, dict) else [inner for _, inner in made]
