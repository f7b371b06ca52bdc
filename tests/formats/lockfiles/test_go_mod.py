"""go.mod and go.sum: the build list, what replaces modules, and the Go that builds them."""

import pytest

from upkeep.formats.lockfiles.go_versions import order
from upkeep.formats.lockfiles.registry import read
from upkeep.formats.package import Origin, Package, Reading, Scope

WHOLE = """module example.com/shop // the shop

go 1.23.5

require (
	github.com/gorilla/mux v1.8.1
	github.com/docker/docker v20.10.7+incompatible
	"golang.org/x/net" v0.17.0 // indirect; held back
)

require golang.org/x/text v0.13.0 // indirect
exclude golang.org/x/net v0.18.0
retract [v1.0.0, v1.9.9] // by accident
tool golang.org/x/tools/cmd/stringer
"""


def reading(text: str, go_sum: str | None = None) -> Reading:
    return read("go.mod", text.encode(), lambda path: go_sum.encode() if go_sum is not None and path == "go.sum" else None)


def modules(found: Reading) -> dict[str, Package]:
    assert found.incomplete == ()
    return {package.name: package for package in found.packages}


def test_every_module_of_the_build() -> None:
    found = modules(reading(WHOLE, "rubbish"))
    assert {name: (p.version, p.direct) for name, p in found.items()} == {
        "stdlib": ("1.23.5", True),
        "github.com/gorilla/mux": ("1.8.1", True),
        "github.com/docker/docker": ("20.10.7+incompatible", True),
        "golang.org/x/net": ("0.17.0", False),
        "golang.org/x/text": ("0.13.0", False),
    }
    assert (found["github.com/gorilla/mux"].line, found["github.com/gorilla/mux"].path) == (6, ("github.com/gorilla/mux",))
    assert found["golang.org/x/net"].path == ()


def test_what_replaces_a_module() -> None:
    found = reading("""module m
go 1.22
require (
 a.b/c v1.0.0
 a.b/d v1.0.0
 a.b/e v1.0.0
 a.b/f v1.0.0
 k8s.io/client-go v0.0.0
)
replace (
 a.b/c => x.y/c v1.2.0
 a.b/d v1.0.0 => a.b/d v1.1.0
 a.b/e v2.0.0 => a.b/e v3.0.0
)
replace k8s.io/client-go => ./staging/src/k8s.io/client-go
replace a.b/f v1.0.0 => ../f
replace a.b/f => a.b/f v9.0.0
""")
    by_line = {p.line: p for p in found.packages if p.line}
    assert (by_line[4].name, by_line[4].version, by_line[4].alias) == ("x.y/c", "1.2.0", "a.b/c")
    assert (by_line[5].name, by_line[5].version, by_line[5].alias) == ("a.b/d", "1.1.0", None)
    assert by_line[6].version == "1.0.0"
    assert (by_line[7].version, by_line[7].origin) == (None, Origin.PATH)
    local = by_line[8]
    assert (local.name, local.version, local.origin) == ("k8s.io/client-go", None, Origin.PATH)
    assert local.asked_for == "v0.0.0 => ./staging/src/k8s.io/client-go"


@pytest.mark.parametrize(
    ("lines", "version", "asked_for"),
    [
        ("go 1.23.5\ntoolchain go1.23.6", "1.23.6", None),
        ("go 1.23.5\ntoolchain go1.24.1-corp", "1.24.1", None),
        ("go 1.23.5\ntoolchain default", "1.23.5", None),
        ("go 1.22rc1\ntoolchain go1.23rc2", "1.23rc2", None),
        ("go 1.22", None, ">=1.22"),
    ],
)
def test_the_go_that_builds_it(lines: str, version: str | None, asked_for: str | None) -> None:
    (library,) = reading(f"module m\n{lines}\n").packages
    assert (library.name, library.version, library.asked_for) == ("stdlib", version, asked_for)
    assert library.scope is Scope.PRODUCTION


OLD = "module m\ngo 1.16\nrequire a.b/c v1.0.0\n"
SUM = """a.b/c v1.0.0 h1:x=
a.b/c v1.0.0/go.mod h1:x=
a.b/d v1.2.0 h1:x=
a.b/d v1.10.0 h1:x=
a.b/d v1.10.0-rc.1 h1:x=
a.b/d v1.11.0/go.mod h1:x=
a.b/looked v9.0.0/go.mod h1:x=
"""


def test_an_old_one_takes_from_go_sum_what_was_fetched() -> None:
    found = reading(OLD, SUM)
    assert [(p.name, p.version, p.direct) for p in found.packages[1:]] == [("a.b/c", "1.0.0", True), ("a.b/d", "1.10.0", False)]
    assert "may still name some" in found.notes[0]
    assert found.incomplete == ()


def test_an_old_one_without_go_sum_is_incomplete() -> None:
    found = reading("module m\nrequire a.b/c v1.0.0\n")
    assert [p.name for p in found.packages] == ["a.b/c"]
    assert "go.sum is missing" in found.incomplete[0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("module m\ngo 1.22\nrequire a.b/c latest\n", 'line 3: "require a.b/c latest" cannot be read'),
        ("module m\ngo 1.22\nrequire a.b/c\n", "line 3"),
        ("module m\ngo 1.22\nrequire (\na.b/c v1.0.0\n", 'the block "require" has no end'),
        ("module m\ngo 1.22\nrequires a v1.0.0\n", "line 3"),
        ("module m\ngo 1.22\nreplace a => b c d\n", "line 3"),
        ("module m\ngo 1.22\n<<<<<<< HEAD\n", "line 3: a merge conflict"),
        ("module m\ngo 1.15\nrequire a.b/c v1.0.0\n", "go.sum, line 1"),
    ],
)
def test_what_cannot_be_read_is_said(text: str, message: str) -> None:
    assert message in " ".join(reading(text, "only two").incomplete)


def test_the_order_of_versions() -> None:
    rising = ["v0.9.0", "v1.0.0-alpha", "v1.0.0-alpha.1", "v1.0.0-rc.2", "v1.0.0-rc.10", "v1.0.0", "v1.2.0", "v1.10.0"]
    assert sorted(sorted(rising), key=order) == rising
    assert order("v2.0.0+incompatible") == order("v2.0.0")
