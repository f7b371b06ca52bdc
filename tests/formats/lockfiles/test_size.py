"""Lockfiles of strangers at size: twice the file is twice the work, whatever needs whatever."""

import json

import pytest

from tests.formats.lockfiles.reading import read_text
from tests.growth import calls

N = 300


def requirements(count: int) -> str:
    return "".join(f"a{n}==1 {'--hash=sha256:aa ' * 3}\n    # via a{n - 1}\n" for n in range(count))


def uv_lock(count: int) -> str:
    root = 'version = 1\n[[package]]\nname="app"\nsource={virtual="."}\ndependencies=[{name="a0"}]\n'
    one = '[[package]]\nname="a{0}"\nversion="1"\nsource={{registry="r"}}\ndependencies=[{{name="a{1}"}}]\n'
    return root + "".join(one.format(n, min(n + 1, count - 1)) for n in range(count))


def yarn_lock(count: int) -> str:
    one = 'a@{0}:\n  version "{0}"\n  dependencies:\n    a "x{0}"\n'
    return "# yarn lockfile v1\n\n" + "".join(one.format(n) for n in range(count))


def package_lock(count: int) -> str:
    packages = {f"node_modules/a{n}": {"version": "1", "dependencies": {f"a{n + 1}": "1", "b": "1"}} for n in range(count)}
    return json.dumps({"lockfileVersion": 3, "packages": {"": {"dependencies": {"a0": "1"}}, **packages}}, indent=0)


def pnpm_lock(count: int) -> str:
    packages = "".join(f"  a{n}@1.0.0: {{}}\n" for n in range(count))
    snapshots = "".join(f"  a{n}@1.0.0:\n    dependencies: {{a{(n + 1) % count}: 1.0.0}}\n" for n in range(count))
    return f"lockfileVersion: '9.0'\nimporters:\n  .: {{}}\npackages:\n{packages}snapshots:\n{snapshots}"


def bun_lock(count: int) -> str:
    packages = {f"a{n}": [f"a{n}@1.0.0", "", {"dependencies": {f"a{(n + 1) % count}": "1"}}, "sha512-x"] for n in range(count)}
    return json.dumps({"lockfileVersion": 1, "workspaces": {"": {}}, "packages": packages}, indent=0)


@pytest.mark.parametrize(
    ("path", "made"),
    [
        ("requirements.txt", requirements),
        ("uv.lock", uv_lock),
        ("yarn.lock", yarn_lock),
        ("package-lock.json", package_lock),
        ("pnpm-lock.yaml", pnpm_lock),
        ("bun.lock", bun_lock),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_work_grows_with_the_file(path: str, made: object) -> None:
    assert callable(made)
    small, large = made(N), made(2 * N)
    assert len(read_text(path, large).packages) == 2 * N
    first = calls(lambda: read_text(path, small))
    assert calls(lambda: read_text(path, large)) < 2.5 * first
