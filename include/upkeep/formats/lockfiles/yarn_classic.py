"""The lockfile of yarn 1: entries by indentation, each under all that ask for it."""

import re
from collections.abc import Iterator

from upkeep.formats.git_address import repository_of
from upkeep.formats.lockfiles.draft import Draft
from upkeep.formats.lockfiles.npm_names import asked_beside, commit_in, origin_of, real_name, split
from upkeep.formats.lockfiles.registry import Beside
from upkeep.formats.lockfiles.text import shown
from upkeep.formats.lockfiles.yarn_graph import Entries, Entry
from upkeep.formats.package import Origin, Reading

_KEYS = re.compile(r'"([^"]*)"|([^",\s][^",]*)')
_FIELD = re.compile(r'( {2}| {4})(?:"([^"]+)"|([^\s":]+))(?: (?:"([^"]*)"|(\S.*))|:)')
_LISTS = frozenset(["dependencies", "optionalDependencies"])


def read_classic(text: str, open_beside: Beside) -> Reading:
    """Read it. Workspaces of patterns cannot be listed from here: what only they ask for is of unknown scope."""
    draft = Draft("yarn.lock")
    entries = [entry for entry in _entries(text, draft) if entry]
    asked = asked_beside(open_beside, draft, peers=False)
    Entries(entries, draft).add_all([asked] if asked else [], all_known=asked is not None and not asked.workspaces)
    return draft.reading()


def _entries(text: str, draft: Draft) -> Iterator[Entry | None]:
    block: list[tuple[int, str]] = []
    for number, line in enumerate([*text.split("\n"), "end:"], 1):
        if not line.strip() or line.startswith("#"):
            continue
        if not line.startswith(" "):
            yield _entry(block, draft)
            block = []
        block.append((number, line))


def _entry(block: list[tuple[int, str]], draft: Draft) -> Entry | None:
    if not block:
        return None
    (line, head), *rest = block
    keys = [quoted or plain for quoted, plain in _KEYS.findall(head.rstrip().removesuffix(":"))]
    fields, needs = _fields(rest, draft)
    if not head.rstrip().endswith(":") or not keys or "version" not in fields:
        draft.lost(f"{shown(head)} is no whole entry", line)
        return None
    name, wanted = split(keys[0])
    where = fields.get("resolved", "")
    origin = next((o for o in (origin_of(wanted), origin_of(where)) if o is not Origin.REGISTRY), Origin.REGISTRY)
    hashes = tuple(fields.get("integrity", "").split())
    commit = (commit_in(where) or commit_in(wanted)) if origin is Origin.GIT else None
    repository = (repository_of(where) or repository_of(wanted)) if origin is Origin.GIT else None
    return Entry(keys, real_name(name, wanted), fields["version"], origin, commit, needs, line, hashes, repository=repository)


def _fields(lines: list[tuple[int, str]], draft: Draft) -> tuple[dict[str, str], list[tuple[str, str]]]:
    fields: dict[str, str] = {}
    needs: list[tuple[str, str]] = []
    within = ""
    for number, line in lines:
        found = _FIELD.fullmatch(line.rstrip())
        if found is None:
            draft.lost(f"{shown(line.strip())} is not understood", number)
            continue
        indent, name, value = len(found[1]), found[2] or found[3], found[4] if found[4] is not None else found[5]
        if value is None:
            within = name
        elif indent > 2:  # noqa: PLR2004 - a list's own lines are indented twice
            needs += [(name, value)] if within in _LISTS else []
        else:
            fields[name] = value
    return fields, needs
