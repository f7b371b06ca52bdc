"""package-lock.json of versions 1 to 3: the tree, aliases, links, workspaces, what is for development."""

import json
from typing import Any

import pytest

from tests.formats.lockfiles.reading import by_name, pins, read_text
from upkeep.formats.package import Origin, Scope

COMMIT = "a1" * 20
REGISTRY = "https://registry.npmjs.org"


def flat(root: Any = None, version: Any = 3, **packages: Any) -> str:
    return json.dumps({"lockfileVersion": version, "packages": {"": root or {}, **packages}}, indent=1)


def place(path: str, **entry: Any) -> dict[str, Any]:
    return {f"node_modules/{path}": entry}


@pytest.mark.baseline
def test_a_tree() -> None:
    text = flat(
        {"dependencies": {"a": "^1", "@s/b": "2"}, "devDependencies": {"d": "*"}},
        **place(
            "a",
            version="1.2.0",
            resolved=f"{REGISTRY}/a/-/a-1.2.0.tgz",
            integrity="sha512-x",
            license="MIT",
            dependencies={"c": "1"},
        ),
        **place("a/node_modules/c", version="1.0.0", dependencies={"e": "1"}),
        **place("c", version="2.0.0", dev=True),
        **place("@s/b", version="2.0.0"),
        **place("d", version="4.0.0", dev=True, dependencies={"c": "2"}),
        **place("e", version="5.0.0"),
    )
    reading = read_text("package-lock.json", text)
    found = {(p.name, p.version): p for p in reading.packages}
    a = found["a", "1.2.0"]
    assert (a.direct, a.path, a.scope, a.licence, a.hashes, a.line) == (True, ("a",), Scope.PRODUCTION, "MIT", ("sha512-x",), 13)
    assert found["c", "1.0.0"].path == ("a", "c")
    assert (found["c", "2.0.0"].path, found["c", "2.0.0"].scope) == (("d", "c"), Scope.DEVELOPMENT)
    assert found["@s/b", "2.0.0"].direct
    assert found["e", "5.0.0"].path == ("a", "c", "e")
    assert reading.incomplete == ()


@pytest.mark.parametrize("flag", [{"devOptional": True}, {"optional": True}, {"peer": True}, {}])
def test_what_production_may_need_is_production(flag: dict[str, bool]) -> None:
    assert by_name(read_text("package-lock.json", flat(**place("a", version="1", **flag))))["a"].scope is Scope.PRODUCTION


def test_an_alias_is_its_real_name() -> None:
    text = flat(
        {"dependencies": {"foo-json": "npm:@types/jsonstream@^1"}}, **place("foo-json", name="@types/jsonstream", version="1.0.0")
    )
    package = by_name(read_text("package-lock.json", text))["@types/jsonstream"]
    assert (package.alias, package.version, package.direct, package.path) == ("foo-json", "1.0.0", True, ("@types/jsonstream",))


@pytest.mark.parametrize(
    ("resolved", "origin", "commit"),
    [
        (f"git+ssh://git@github.com/u/a.git#{COMMIT}", Origin.GIT, COMMIT),
        (f"https://codeload.github.com/u/a/tar.gz/{COMMIT}", Origin.GIT, COMMIT),
        ("git+https://e.org/a.git#main", Origin.GIT, None),
        ("file:../a", Origin.PATH, None),
        ("https://e.org/a.tgz", Origin.URL, None),
        ("https://npm.corp/a/-/a-1.0.0.tgz", Origin.REGISTRY, None),
        ("https://npm.pkg.github.com/download/@u/a/1.0.0/abc", Origin.REGISTRY, None),
        ("", Origin.REGISTRY, None),
    ],
)
def test_where_it_comes_from(resolved: str, origin: Origin, commit: str | None) -> None:
    for text in (flat(**place("a", version="1.0.0", resolved=resolved)),):
        package = by_name(read_text("package-lock.json", text))["a"]
        assert (package.origin, package.commit) == (origin, commit)


@pytest.mark.near_miss
@pytest.mark.parametrize("workspaces", [["packages/*"], {"packages": ["packages/*"]}])
def test_workspaces_are_the_repository_itself(workspaces: Any) -> None:
    text = flat(
        {"workspaces": workspaces},
        **{"packages/lib": {"name": "lib", "version": "1.0.0", "dependencies": {"a": "1"}, "devDependencies": {"b": "1"}}},
        **place("lib", resolved="packages/lib", link=True),
        **place("a", version="1.0.0"),
        **{"packages/lib/node_modules/b": {"version": "2.0.0", "dev": True}},
    )
    found = by_name(read_text("package-lock.json", text))
    assert sorted(found) == ["a", "b"]
    assert (found["a"].direct, found["b"].direct, found["b"].scope) == (True, True, Scope.DEVELOPMENT)


def test_a_link_is_no_package_of_the_registry() -> None:
    text = flat(
        {"dependencies": {"lodash": "file:../lodash"}},
        **{"../lodash": {"version": "1.0.0", "dependencies": {"a": "1"}}},
        **place("lodash", resolved="../lodash", link=True),
        **place("a", version="1.0.0"),
    )
    found = by_name(read_text("package-lock.json", text))
    assert (found["lodash"].origin, found["lodash"].version) == (Origin.PATH, "1.0.0")
    assert found["a"].path in {("lodash", "a"), ("a",)}


OLD = {
    "lockfileVersion": 1,
    "dependencies": {
        "a": {"version": "1.0.0", "requires": {"c": "1"}, "dependencies": {"c": {"version": "1.0.0", "bundled": True}}},
        "c": {"version": "2.0.0", "dev": True},
        "foo": {"version": "npm:@types/foo@3.0.0"},
        "g": {"version": f"git+ssh://git@github.com/u/g.git#{COMMIT}", "from": "git+ssh://…"},
        "f": {"version": "file:../f"},
        "t": {"version": "https://e.org/t.tgz"},
    },
}


@pytest.mark.baseline
def test_version_1() -> None:
    beside = {"package.json": json.dumps({"dependencies": {"a": "1"}, "devDependencies": {"c": "2"}})}
    reading = read_text("npm-shrinkwrap.json", json.dumps(OLD), beside)
    found = {(p.name, p.version): p for p in reading.packages}
    assert reading.incomplete == ()
    assert (found["a", "1.0.0"].direct, found["c", "1.0.0"].path) == (True, ("a", "c"))
    assert (found["c", "2.0.0"].scope, found["c", "2.0.0"].direct) == (Scope.DEVELOPMENT, True)
    assert found["@types/foo", "3.0.0"].alias == "foo"
    assert (found["g", None].origin, found["g", None].commit) == (Origin.GIT, COMMIT)
    assert (found["f", None].origin, found["t", None].origin) == (Origin.PATH, Origin.URL)
    alone = read_text("npm-shrinkwrap.json", json.dumps(OLD))
    assert {p.direct for p in alone.packages} == {None}


@pytest.mark.near_miss
def test_the_same_in_two_places_is_one() -> None:
    text = flat(
        {"dependencies": {"a": "1"}},
        **place("a", version="1"),
        **place("a/node_modules/b", version="1"),
        **place("b", version="1"),
    )
    assert pins(read_text("package-lock.json", text)) == [("a", "1"), ("b", "1")]


@pytest.mark.fault
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{}", "has no `lockfileVersion`: it is no package-lock.json"),
        (flat(version=4), "is of version 4, and versions 1 to 3 are read"),
        (flat(**place("a")), "line 5: a has no version"),
        (flat(**place("a", version="1.0'; drop table x")), "line 5: 1.0'; drop table x is no version (of a)"),
        (flat(**place("<b>", version="1")), "line 5: <b> is no name of a package of npm"),
        (json.dumps({"lockfileVersion": 3, "packages": {"node_modules/a": 7}}), "node_modules/a is no package that can be"),
        (flat(**place("/node_modules/".join(["a"] * 300), version="1")), "node_modules/a/node_modules"),
        ('{"lockfileVersion": 3, "packages": []}', "its `packages` are no mapping"),
        (flat()[:-9], "line "),
        (
            '{"lockfileVersion": 3, "packages": {"node_modules/a": {}, "node_modules/a": {}}}',
            'the key "node_modules/a" stands twice',
        ),
    ],
)
def test_what_is_lost_is_said(text: str, message: str) -> None:
    [incomplete] = read_text("package-lock.json", text).incomplete
    assert incomplete.startswith(message)
