"""pnpm-lock.yaml of each version, bun.lock."""

import pytest

from tests.formats.lockfiles.reading import by_name, pins, read_text
from upkeep.formats.package import Origin, Scope

COMMIT = "a1" * 20
NINE = f"""\
lockfileVersion: '9.0'
importers:
  .:
    devDependencies:
      a: {{specifier: ^1, version: 1.0.0}}
      b: {{specifier: ^1, version: 2.0.0(a@1.0.0)}}
  packages/lib:
    dependencies:
      a: {{specifier: ^1, version: 1.0.0}}
      foo-json: {{specifier: 'npm:@types/jsonstream@1', version: '@types/jsonstream@1.0.3'}}
      g: {{specifier: 'github:u/g', version: https://codeload.github.com/u/g/tar.gz/{COMMIT}}}
      here: {{specifier: 'workspace:*', version: link:../here}}
      l: {{specifier: 'link:../../../l', version: link:../../../l}}
    optionalDependencies:
      '@types/nodemailer': {{specifier: '1', version: 1.10.0}}
  packages/here: {{}}
packages:
  a@1.0.0:
    resolution: {{integrity: sha512-x}}
  b@2.0.0:
    resolution: {{integrity: sha512-y}}
  c@3.0.0:
    resolution: {{integrity: sha512-z}}
  '@types/jsonstream@1.0.3':
    resolution: {{integrity: sha512-j}}
  '@types/nodemailer@1.10.0':
    resolution: {{integrity: sha512-n}}
  g@https://codeload.github.com/u/g/tar.gz/{COMMIT}:
    resolution: {{tarball: 'https://codeload.github.com/u/g/tar.gz/{COMMIT}'}}
    version: 3.0.0
snapshots:
  a@1.0.0: {{}}
  b@2.0.0(a@1.0.0):
    dependencies: {{a: 1.0.0, c: 3.0.0}}
  c@3.0.0: {{}}
  '@types/jsonstream@1.0.3': {{}}
  '@types/nodemailer@1.10.0': {{}}
  g@https://codeload.github.com/u/g/tar.gz/{COMMIT}: {{}}
"""
SIX = """\
lockfileVersion: '6.0'
dependencies:
  '@s/b': {specifier: ^1, version: 1.0.0(a@1.0.0)}
devDependencies:
  a: {specifier: ^1, version: 1.0.0}
packages:
  /@s/b@1.0.0(a@1.0.0):
    resolution: {integrity: sha512-x}
    dependencies: {a: 1.0.0}
    dev: false
  /a@1.0.0:
    resolution: {integrity: sha512-y}
    dev: true
"""
FIVE = """\
lockfileVersion: 5.4
specifiers: {'@s/b': ^1, a: ^1}
dependencies:
  '@s/b': 1.0.0_a@1.0.0
devDependencies:
  a: 1.0.0
packages:
  /@s/b/1.0.0_a@1.0.0:
    resolution: {integrity: sha512-x}
    dependencies: {a: 1.0.0}
    dev: false
  /a/1.0.0:
    resolution: {integrity: sha512-y}
    dev: true
"""


@pytest.mark.baseline
def test_version_9() -> None:
    found = by_name(read_text("pnpm-lock.yaml", NINE))
    assert sorted(found) == ["@types/jsonstream", "@types/nodemailer", "a", "b", "c", "g", "l"]
    a, b, c = found["a"], found["b"], found["c"]
    assert (a.scope, a.direct, a.hashes, a.line) == (Scope.PRODUCTION, True, ("sha512-x",), 18)
    assert (b.version, b.scope, b.direct) == ("2.0.0", Scope.DEVELOPMENT, True)
    assert (c.path, c.scope, c.direct) == (("b", "c"), Scope.DEVELOPMENT, False)
    assert found["@types/nodemailer"].version == "1.10.0"
    assert found["@types/jsonstream"].alias == "foo-json"
    assert (found["g"].version, found["g"].origin, found["g"].commit) == ("3.0.0", Origin.GIT, COMMIT)
    assert found["l"].origin is Origin.PATH


@pytest.mark.baseline
@pytest.mark.parametrize("text", [SIX, FIVE])
def test_versions_5_and_6(text: str) -> None:
    found = by_name(read_text("pnpm-lock.yaml", text))
    assert pins(read_text("pnpm-lock.yaml", text)) == [("@s/b", "1.0.0"), ("a", "1.0.0")]
    assert (found["a"].scope, found["a"].path) == (Scope.PRODUCTION, ("@s/b", "a"))


CUT = NINE.replace("  c@3.0.0:\n    resolution: {integrity: sha512-z}\n", "")


@pytest.mark.near_miss
def test_peers_make_no_second_package() -> None:
    more = "  b@2.0.0(c@3.0.0):\n    dependencies: {c: 3.0.0}\n"
    assert by_name(read_text("pnpm-lock.yaml", NINE + more))["b"].version == "2.0.0"


@pytest.mark.fault
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1", "has no `lockfileVersion`: it is no pnpm-lock.yaml"),
        (NINE.replace("'9.0'", "'12.0'"), "is of version 12.0, and versions 5, 6 and 9 are read"),
        (
            SIX.partition("  /a@1.0.0:")[0],
            ". needs a 1.0.0, which is not in the file: it was cut off",
        ),
        (CUT, "line 33: c@3.0.0 is not under packages"),
        (SIX.replace("/a@1.0.0:", "/a@1.0.0: &x").replace("dev: true", "dev: *x"), "line 13: a YAML alias"),
    ],
)
def test_what_is_lost_of_pnpm_is_said(text: str, message: str) -> None:
    incomplete = read_text("pnpm-lock.yaml", text).incomplete
    assert any(one.startswith(message) for one in incomplete), incomplete


BUN = f"""\
{{
  "lockfileVersion": 1,
  "workspaces": {{
    "": {{"name": "shop", "dependencies": {{"a": "^1", "foo-json": "npm:@types/jsonstream@1", "lib": "workspace:*"}}}},
    "packages/lib": {{"name": "lib", "devDependencies": {{"b": "2", "g": "github:u/g"}}, "peerDependencies": {{"react": "*"}}}},
  }},
  "packages": {{
    "a": ["a@1.0.0", "", {{"dependencies": {{"b": "^1", "@s/c": "1"}}}}, "sha512-x"],
    "@s/c": ["@s/c@1.0.0", "", {{"dependencies": {{"b": "3"}}}}, "sha512-c"],
    "@s/c/b": ["b@3.0.0", "", {{}}, "sha512-3"],
    "b": ["b@1.0.0", "", {{}}, "sha512-y"],
    "foo-json": ["@types/jsonstream@1.0.3", "", {{}}, "sha512-j"],
    "g": ["g@github:u/g#{COMMIT}", {{}}, "u-g-a1"],
    "lib": ["lib@workspace:packages/lib"],
    "lib/b": ["b@2.0.0", "", {{}}, "sha512-z"],
  }}
}}
"""


@pytest.mark.baseline
def test_bun_lock() -> None:
    reading = read_text("bun.lock", BUN)
    found = {(p.name, p.version): p for p in reading.packages}
    assert reading.incomplete == ()
    assert sorted(f"{name} {version}" for name, version in found) == [
        "@s/c 1.0.0",
        "@types/jsonstream 1.0.3",
        "a 1.0.0",
        "b 1.0.0",
        "b 2.0.0",
        "b 3.0.0",
        "g None",
    ]
    assert (found["a", "1.0.0"].direct, found["a", "1.0.0"].line, found["a", "1.0.0"].hashes) == (True, 8, ("sha512-x",))
    assert found["b", "1.0.0"].path == ("a", "b")
    assert found["b", "3.0.0"].path == ("a", "@s/c", "b")
    assert (found["b", "2.0.0"].scope, found["b", "2.0.0"].direct) == (Scope.DEVELOPMENT, True)
    assert found["@types/jsonstream", "1.0.3"].alias == "foo-json"
    assert (found["g", None].origin, found["g", None].commit) == (Origin.GIT, COMMIT)


@pytest.mark.fault
def test_what_is_lost_of_bun_is_said() -> None:
    assert read_text("bun.lock", "{}").incomplete == ("has no `workspaces`: it is no bun.lock",)
    assert read_text("bun.lock", BUN.replace('"lockfileVersion": 1', '"lockfileVersion": 9')).incomplete == (
        "is of version 9, and versions 0 and 1 are read",
    )
    assert read_text("bun.lock", BUN.replace('"b": ["b@1.0.0"', '"x": ["x@1.0.0"')).incomplete == (
        "a needs b, which is not in the file: it was cut off",
    )
    assert "is binary" in read_text("bun.lockb", b"\0\1").incomplete[0]
    assert read_text("bun.lockb", b"\0\1", {"bun.lock": BUN}).incomplete == ()
