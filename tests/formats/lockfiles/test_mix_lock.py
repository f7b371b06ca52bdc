"""mix.lock: a map of Elixir terms, read and never run."""

import pytest

from upkeep.formats.lockfiles.elixir_terms import Terms
from upkeep.formats.lockfiles.registry import UnreadableError, read
from upkeep.formats.package import Origin, Reading

GOOD = """%{
  "phoenix": {:hex, :phoenix, "1.7.10", "02189140", [:mix],
    [{:castore, ">= 0.0.0", [hex: :castore, repo: "hexpm", optional: true]},
     {:plug, "~> 1.14", [hex: :plug, repo: "hexpm", optional: false]}], "hexpm", "cf784932"},
  "plug": {:hex, :plug, "1.15.2", "94cf1fa3", [:mix], [], "hexpm", "02731fa0"},
  "json_parser": {:hex, :jason, "1.4.1", "af1504e3", [:mix], [], "hexpm", "fbb01ecd"},
  "secret": {:hex, :secret, "0.1.0", "aa", [:mix], [], "hexpm:acme", "bb"},
  "fork": {:git, "https://github.com/acme/fork.git", "0123abc", [branch: "main"]},
  "old": {:hex, :old, "0.0.1", "aa", [:rebar3]},
}
"""


def reading(text: str) -> Reading:
    return read("mix.lock", text.encode(), lambda _: None)


def test_every_package() -> None:
    found = reading(GOOD)
    assert found.incomplete == ()
    assert [(p.name, p.version, p.direct, p.path, p.origin) for p in found.packages] == [
        ("phoenix", "1.7.10", True, ("phoenix",), Origin.REGISTRY),
        ("plug", "1.15.2", None, ("phoenix", "plug"), Origin.REGISTRY),
        ("jason", "1.4.1", True, ("json_parser",), Origin.REGISTRY),
        ("secret", "0.1.0", True, ("secret",), Origin.URL),
        ("fork", None, True, ("fork",), Origin.GIT),
        ("old", "0.0.1", True, ("old",), Origin.REGISTRY),
    ]
    assert [(p.alias, p.commit) for p in found.packages if p.alias or p.commit] == [("json_parser", None), (None, "0123abc")]
    assert found.notes == ("packages of hexpm:acme are not those of hex.pm: no advisory speaks of them by name",)


@pytest.mark.parametrize("text", ["%{\n}\n", "%{}", "# empty\n%{}"])
def test_an_empty_one(text: str) -> None:
    assert reading(text) == Reading("mix.lock", ())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", 'line 1: "the end" is not expected here'),
        ("[]", "this is no mix.lock"),
        ('%{"a": {:hex, :a, "1"', 'line 1: "the end"'),
        ('%{\n"a": {:svn, "x", "1"}}', "a is of a kind that is not known"),
        ('%{"a": {:hex, :a}}', "no name and version"),
        ('%{"a": {:hex, :a, "1", "x", [], [:b]}}', "what a needs cannot be read"),
        ('%{\n"a": System.cmd("rm")}', 'line 2: "("'),
        ('%{"a": {:path, "x"},\n"a": {:path, "y"}}', "a key stands twice"),
        ("%{" + "[" * 1000, "nested too deep"),
        ("%{} %{}", "is not expected here"),
        ('%{"a" {:path, "x"}}', "is not expected here"),
    ],
)
def test_what_cannot_be_read_is_said(text: str, message: str) -> None:
    assert message in reading(text).incomplete[0]


def test_terms() -> None:
    assert Terms(r'%{"a" => {1, -2, ["x\"y", :"q r", true, nil], [k: :v]}}').only() == {
        "a": (1, -2, ['x"y', "q r", "true", "nil"], [("k", "v")])
    }
    with pytest.raises(UnreadableError, match="line 2"):
        Terms("[1\n2]").only()
