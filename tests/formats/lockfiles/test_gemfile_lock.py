"""Gemfile.lock: sections by source, platforms of one gem, chains."""

import pytest

from upkeep.formats.lockfiles.registry import read
from upkeep.formats.package import Origin, Reading

GOOD = """GIT
  remote: https://github.com/acme/rails-fork.git
  revision: 0123456789abcdef
  branch: main
  specs:
    rack (3.0.0)
      webrick

PATH
  remote: engines/shop
  specs:
    shop (0.1.0)
      nokogiri (>= 1.6, < 2)

GEM
  remote: https://rubygems.org/
  specs:
    mini_portile2 (2.8.5)
    nokogiri (1.15.4)
      mini_portile2 (~> 2.8.2)
      racc (~> 1.4)
    nokogiri (1.15.4-x86_64-linux)
      racc (~> 1.4)
    racc (1.7.1)
    sassc (2.4.0-x64-mingw32)
    sassc (2.4.0-java)
    webrick (1.8.1)

PLATFORMS
  ruby
  x86_64-linux

DEPENDENCIES
  bundler (~> 2)
  rack!
  sassc (= 2.4.0)
  shop!

CHECKSUMS
  racc (1.7.1) sha256=aa

RUBY VERSION
   ruby 3.2.2p53

BUNDLED WITH
   2.4.10
"""


def reading(text: str, path: str = "Gemfile.lock") -> Reading:
    return read(path, text.encode(), lambda _: None)


def test_every_gem() -> None:
    found = reading(GOOD)
    assert (found.incomplete, found.notes) == ((), ())
    assert [(p.name, p.version, p.direct, p.path, p.origin) for p in found.packages] == [
        ("rack", "3.0.0", True, ("rack",), Origin.GIT),
        ("shop", "0.1.0", True, ("shop",), Origin.PATH),
        ("mini_portile2", "2.8.5", False, ("shop", "nokogiri", "mini_portile2"), Origin.REGISTRY),
        ("nokogiri", "1.15.4", False, ("shop", "nokogiri"), Origin.REGISTRY),
        ("racc", "1.7.1", False, ("shop", "nokogiri", "racc"), Origin.REGISTRY),
        ("sassc", "2.4.0", True, ("sassc",), Origin.REGISTRY),
        ("webrick", "1.8.1", False, ("rack", "webrick"), Origin.REGISTRY),
    ]
    assert {p.name: p.marker for p in found.packages if p.marker} == {"sassc": "java, x64-mingw32"}
    assert (found.packages[0].commit, found.packages[0].line) == ("0123456789abcdef", 6)


def test_other_names_and_other_remotes() -> None:
    found = reading(GOOD.replace("https://rubygems.org/", "https://gems.corp.example/"), "gems.locked")
    assert "gems.corp.example" in found.notes[0]
    assert reading(GOOD.replace("\n", "\r\n"), "gemfiles/rails7.gemfile.lock").packages == reading(GOOD).packages


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("    racc (1.7.1)", "    racc 1.7.1"), '"racc 1.7.1" cannot be read'),
        (("nokogiri (1.15.4-x86_64-linux)", "nokogiri (1.15.5-x86_64-linux)"), "two versions, 1.15.4 and 1.15.5"),
        (("  shop!", "  gone!"), "gone is asked for and not in the file"),
        (("PLATFORMS", "PLATTFORMEN"), '"PLATTFORMEN" is a section that is not known'),
        (("GIT\n", "  GIT\n"), "line 1: "),
        (("      racc (~> 1.4)", "      racc (~> 1.4"), "cannot be read"),
    ],
)
def test_what_cannot_be_read_is_said(change: tuple[str, str], message: str) -> None:
    assert message in " ".join(reading(GOOD.replace(*change, 1)).incomplete)


def test_what_is_no_lockfile() -> None:
    assert "this is no Gemfile.lock" in reading("").incomplete[0]
