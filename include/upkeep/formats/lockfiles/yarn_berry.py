"""The lockfile of yarn 2 and newer: YAML, each entry with its resolution; workspaces stand there too."""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import unquote

from upkeep.formats.git_address import repository_of
from upkeep.formats.lockfiles.documents import mapping, text_of, yaml_documents
from upkeep.formats.lockfiles.draft import Draft
from upkeep.formats.lockfiles.npm_names import Asked, asked_beside, commit_in, origin_of, split
from upkeep.formats.lockfiles.registry import Beside, UnreadableError
from upkeep.formats.lockfiles.text import shown
from upkeep.formats.lockfiles.yarn_graph import Entries, Entry
from upkeep.formats.package import Origin, Reading

_WORKSPACE = "workspace:"


def read_berry(text: str, open_beside: Beside) -> Reading:
    """Read it. Which of a workspace's needs are for development stands in its package.json alone."""
    draft = Draft("yarn.lock")
    documents = yaml_documents(text)
    if len(documents) != 1:
        raise UnreadableError("holds several documents: it is no yarn.lock")
    lines = {line.strip().removesuffix(":").strip('"'): n for n, line in enumerate(text.split("\n"), 1) if line[:1] not in " #"}
    found = {key: table for key, table in documents[0].items() if key != "__metadata"}
    entries = [entry for key, table in found.items() if (entry := _entry(key, table, lines.get(key), draft))]
    roots = [_root(entry, open_beside, draft) for entry in entries if entry.own]
    if not roots:
        draft.lost("has no workspace, which every yarn.lock has: it was cut off")
    Entries(entries, draft).add_all((root for root, _ in roots), all_known=all(known for _, known in roots))
    return draft.reading()


def _root(entry: Entry, open_beside: Beside, draft: Draft) -> tuple[Asked, bool]:
    """What a workspace asks for, and whether its package.json could be read: without it all counts as production."""
    folder = next((key.partition(_WORKSPACE)[2] for key in reversed(entry.asked_as) if f"@{_WORKSPACE}" in key), ".")
    beside = asked_beside(open_beside, draft, folder)
    work = frozenset(beside.development if beside else ())
    everything = dict(entry.needs)
    production = {name: wanted for name, wanted in everything.items() if name not in work}
    return Asked(production, {n: w for n, w in everything.items() if n in work}, workspaces=False), beside is not None


def _entry(key: str, table: Any, line: int | None, draft: Draft) -> Entry | None:
    resolution = text_of(mapping(table).get("resolution"))
    if resolution is None:
        draft.lost(f"{shown(key)} has no resolution", line)
        return None
    name, where = split(resolution)
    keys = [part for part in key.split(", ") if part]
    origin = _origin(where)
    own = where.startswith(_WORKSPACE)
    return Entry(
        [*keys, resolution] if own else keys,
        name,
        text_of(table.get("version")) if not own else None,
        origin,
        commit_in(where) if origin is Origin.GIT else None,
        list(_needs(table.get(t) for t in ("dependencies", "optionalDependencies"))),
        line,
        tuple(filter(None, [text_of(table.get("checksum"))])),
        text_of(table.get("conditions")),
        own,
        repository_of(where) if origin is Origin.GIT else None,
    )


def _origin(where: str) -> Origin:
    """A patched package is still the registry's."""
    while where.startswith("patch:"):
        where = split(unquote(where.removeprefix("patch:")).partition("#")[0])[1]
    return Origin.REGISTRY if where.startswith("npm:") else origin_of(where)


def _needs(tables: Iterable[Any]) -> Iterable[tuple[str, str]]:
    for table in tables:
        values: Mapping[str, Any] = mapping(table)
        yield from ((name, wanted) for name, wanted in values.items() if isinstance(wanted, str))
