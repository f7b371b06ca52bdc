"""
Cargo.lock: crates, each from where its `source` says.

A crate without a source is a folder of the repository, whatever crate of that name crates.io has. What a crate is there for
(building, testing) stands in no Cargo.lock. Direct is what a crate of the repository asks for.
"""

import re
from collections.abc import Iterator, Mapping

from upkeep.formats.git_address import repository_of
from upkeep.formats.lockfiles.dependency_graph import chains
from upkeep.formats.lockfiles.registry import Beside, UnreadableError, reads
from upkeep.formats.lockfiles.text import shown
from upkeep.formats.lockfiles.typed_values import Table, rows, table, tables, text_of, toml_table
from upkeep.formats.package import Origin, Package, Reading

ECOSYSTEM = "crates.io"
_CRATES_IO = re.compile(
    r"(?:registry|sparse)\+https://(?:github\.com/rust-lang/crates\.io-index/?|index\.crates\.io/?|.*/crates\.io-index/?)"
)
_KINDS = {"registry": Origin.URL, "sparse": Origin.URL, "git": Origin.GIT, "path": Origin.PATH, "directory": Origin.PATH}

Key = tuple[str, str, str]
"""Name, version and source of a crate; the source is empty for a folder of the repository."""


@reads("Cargo.lock")
def cargo_lock(raw: bytes, _open_beside: Beside) -> Reading:
    """Every crate, with the chain of names from what a crate of the repository asks for."""
    document = toml_table(raw)
    crates = {_key(crate): crate for crate in [*tables(document.get("package"), "package"), *_root(document)]}
    if "package" not in document and "root" not in document and document.get("version") is None:
        raise UnreadableError("it has no [[package]]: this is no Cargo.lock")
    by_name: dict[str, list[Key]] = {}
    for key in crates:
        by_name.setdefault(key[0], []).append(key)
    needs = {key: list(_needed(crate, by_name)) for key, crate in crates.items()}
    own = [key for key in crates if not key[2]]
    found = chains([needed for key in own for needed in needs[key]], needs)
    packages = tuple(_package(key, found.get(key, ())) for key in crates)
    return Reading(kind="Cargo.lock", packages=packages, notes=tuple(_notes(document, crates)))


def _root(document: Table) -> list[Table]:
    """The crate itself, as files of Cargo before 1.17 have it apart."""
    return [table(document["root"], "root")] if "root" in document else []


def _key(crate: Table) -> Key:
    name = text_of(crate.get("name"), "the name of a crate")
    version = text_of(crate.get("version"), f"the version of {shown(name)}")
    return name, version, text_of(crate["source"], f"the source of {shown(name)}") if "source" in crate else ""


def _needed(crate: Table, by_name: Mapping[str, list[Key]]) -> Iterator[Key]:
    """What a crate needs: by name alone where there is one of that name, else with version and source."""
    for text in rows(crate.get("dependencies"), f"the dependencies of {crate['name']}"):
        name, version, source = [*text_of(text, "a dependency").split(" ", 2), "", ""][:3]
        fits = [key for key in by_name.get(name, ()) if version in {"", key[1]} and source in {"", f"({_bare(key[2])})"}]
        if not fits:
            raise UnreadableError(f'{shown(crate["name"])} needs "{shown(text)}", which is not in the file')
        yield from fits


def _bare(source: str) -> str:
    return source.partition("#")[0] if source.startswith("git+") else source


def _package(key: Key, chain: tuple[Key, ...]) -> Package:
    name, version, source = key
    origin = Origin.PATH if not source else Origin.REGISTRY if _CRATES_IO.fullmatch(source) else _origin(source)
    commit = source.rpartition("#")[2] if origin is Origin.GIT and "#" in source else None
    return Package(
        ECOSYSTEM,
        name,
        version,
        direct=len(chain) == 1 if chain else None,
        path=tuple(crate for crate, _, _ in chain),
        origin=origin,
        commit=commit,
        repository=repository_of(source) if origin is Origin.GIT else None,
    )


def _origin(source: str) -> Origin:
    kind = source.partition("+")[0]
    if kind not in _KINDS:
        raise UnreadableError(f'"{shown(source)}" is a kind of source that is not known')
    return _KINDS[kind]


def _notes(document: Table, crates: Mapping[Key, Table]) -> Iterator[str]:
    elsewhere = sorted(
        {source for _, _, source in crates if source and _origin(source) is Origin.URL and not _CRATES_IO.fullmatch(source)}
    )
    for source in elsewhere:
        yield f"crates of {shown(source)} are not those of crates.io: no advisory speaks of them by name"
    for crate in tables(table(document.get("patch"), "patch").get("unused"), "patch.unused"):
        yield f"the patch of {shown(crate.get('name'))} is not used"
