"""Cargo.lock: `source` decides where a crate comes from; chains begin at what the repository's crates ask for."""

import pytest

from upkeep.formats.lockfiles.registry import read
from upkeep.formats.package import Origin, Package, Reading

HEAD = "version = 4\n"
INDEX = 'source = "registry+https://github.com/rust-lang/crates.io-index"'


def crate(name: str, version: str, source: str = INDEX, needs: str = "") -> str:
    return f'[[package]]\nname = "{name}"\nversion = "{version}"\n{source}\ndependencies = [{needs}]\n'


def reading(*crates: str) -> Reading:
    return read("Cargo.lock", (HEAD + "".join(crates)).encode(), lambda _: None)


def only(found: Reading) -> Package:
    assert found.incomplete == ()
    return found.packages[-1]


def test_direct_ones_and_through_whom() -> None:
    found = reading(
        crate("shop", "0.1.0", "", '"serde", "rand 0.8.5"'),
        crate("serde", "1.0.2", needs='"serde_derive"'),
        crate("serde_derive", "1.0.2", needs='"rand 0.7.3"'),
        crate("rand", "0.8.5"),
        crate("rand", "0.7.3"),
        crate("lost", "1.0.0"),
    )
    assert {(p.name, p.version): (p.direct, p.path) for p in found.packages} == {
        ("shop", "0.1.0"): (None, ()),
        ("serde", "1.0.2"): (True, ("serde",)),
        ("serde_derive", "1.0.2"): (False, ("serde", "serde_derive")),
        ("rand", "0.8.5"): (True, ("rand",)),
        ("rand", "0.7.3"): (False, ("serde", "serde_derive", "rand")),
        ("lost", "1.0.0"): (None, ()),
    }


@pytest.mark.parametrize(
    ("source", "origin", "commit"),
    [
        ("", Origin.PATH, None),
        (INDEX, Origin.REGISTRY, None),
        ('source = "sparse+https://index.crates.io/"', Origin.REGISTRY, None),
        ('source = "registry+https://mirror.example/git/crates.io-index"', Origin.REGISTRY, None),
        ('source = "registry+https://crates.corp.example/index"', Origin.URL, None),
        ('source = "git+https://github.com/a/b?branch=main#0123abc"', Origin.GIT, "0123abc"),
    ],
)
def test_where_it_comes_from(source: str, origin: Origin, commit: str | None) -> None:
    found = only(reading(crate("time", "0.1.0", source)))
    assert (found.origin, found.commit, found.ecosystem) == (origin, commit, "crates.io")


def test_one_name_from_two_sources() -> None:
    git = 'source = "git+https://x.example/time#aa"'
    found = reading(
        crate("shop", "1.0.0", "", '"time 0.1.0 (git+https://x.example/time)"'),
        crate("time", "0.1.0"),
        crate("time", "0.1.0", git),
    )
    assert [(p.origin, p.direct) for p in found.packages[1:]] == [(Origin.REGISTRY, None), (Origin.GIT, True)]


def test_old_files_have_their_root_apart() -> None:
    text = '[root]\nname = "shop"\nversion = "0.1.0"\ndependencies = ["libc 0.2.1 (registry+https://github.com/rust-lang/crates.io-index)"]\n'
    found = read("Cargo.lock", (text + crate("libc", "0.2.1")).encode(), lambda _: None)
    assert {p.name: p.direct for p in found.packages} == {"libc": True, "shop": None}


def test_what_else_it_says() -> None:
    unused = '[[patch.unused]]\nname = "foo"\nversion = "1.0.0"\n'
    found = reading(crate("a", "1.0.0", 'source = "registry+https://corp.example/index"'), unused)
    assert [note.split(" ")[0] for note in found.notes] == ["crates", "the"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (crate("a", "1.0.0", "", '"missing"'), 'a needs "missing", which is not in the file'),
        (crate("a", "1.0.0", 'source = "ftp+x"'), "kind of source that is not known"),
        (crate("a", "1.0.0", 'source = ""'), "the source of a is empty"),
        ('[[package]]\nname = "a"\n', "the version of a is no text"),
        ('package = "a"\n', "package is no list"),
    ],
)
def test_what_cannot_be_read_is_said(text: str, message: str) -> None:
    assert message in reading(text).incomplete[0]


def test_what_is_no_lockfile_is_never_an_empty_one() -> None:
    assert "this is no Cargo.lock" in read("Cargo.lock", b"", lambda _: None).incomplete[0]
    assert read("Cargo.lock", b"version = 4\n", lambda _: None).incomplete == ()
