"""A restored copy as it stands, measured and compared with its backup."""

import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from upkeep.backups import catalogue, programs, rows_back, sequences
from upkeep.backups.compare import LEFT_OUT, Compared, Found, Meant, Twin, compare
from upkeep.backups.compare_entries import OF_ROLES
from upkeep.backups.definitions import Definitions, text_encoding
from upkeep.backups.destination import Destination
from upkeep.backups.manifest import Content, Manifest
from upkeep.backups.roles import Roles
from upkeep.backups.twin import twins
from upkeep.backups.witness import definitions_of, dump_definitions
from upkeep.backups.witness_roles import compare_globals, needed_roles
from upkeep.errors import UpkeepError

_ABOUT_ROLES = tuple(f"{kind} " for kind in OF_ROLES)
_GIVEN_LAST = ("comment", "connection_limit", "is_template", "allow_connections")


@dataclass(frozen=True, slots=True)
class Texts:
    """
    Definitions as pg_dump writes them: of the backup, of the copy, and the twins between two major versions.

    `globals` is what pg_dumpall wrote of the roles of both servers, `unread` why it wrote nothing there.
    """

    expected: str | None = None
    found: str | None = None
    twin: Twin | None = None
    globals: tuple[str, str] | None = None
    unread: str = ""


@dataclass(frozen=True, slots=True)
class Copy:
    """
    One copy and what was to differ in it.

    `was_there`: the database was there, empty, and keeps its locale. `tablespaces`: they were restored. Until it is `finished`
    its limit, flags and comment are not yet the original's: they are given last of all.
    """

    into: Destination
    manifest: Manifest
    roles: Roles
    was_there: bool = False
    tablespaces: bool = True
    finished: bool = True

    def examined(
        self,
        contents: tuple[Content, ...],
        archive: Path,
        folder: Path,
        globals_sql: Callable[[], str],
        say: Callable[[str], None],
    ) -> Compared:
        """Every difference; `contents` are its rows, read back. The catalogue is read while pg_dump writes the definitions."""
        with ThreadPoolExecutor(1, "definitions") as beside:
            texts = beside.submit(self.texts, archive, folder, globals_sql, say)
            found, user = self._found(contents)
            return self._judged(found, user, texts.result())

    def compared(self, contents: tuple[Content, ...], texts: Texts) -> Compared:
        """Every difference, with texts that are there already."""
        return self._judged(*self._found(contents), texts)

    def _judged(self, found: Found, user: str, texts: Texts) -> Compared:
        meant = Meant(
            dict(self.roles.mapped),
            user if self.roles.no_owner else None,
            self._left_out,
            own_locale=self.was_there,
            globals=self.roles.from_globals,
        )
        expected = replace(self.manifest, contents=rows_back.expected(self.manifest.contents))
        compared = compare(expected, replace(found, script=texts.found), meant, texts.twin, texts.expected)
        compared = self._with_roles(compared, texts)
        skipped = tuple(f"left out: {e.kind} {e.key}" for e in self.manifest.entries if e.kind in self._left_out)
        return replace(compared, uncertain=(*compared.uncertain, *skipped))

    def texts(self, archive: Path, folder: Path, globals_sql: Callable[[], str], say: Callable[[str], None]) -> Texts:
        """What the same pg_dump writes of the backup and of the copy; on another major version twins stand in between."""
        with self.into.session() as connection:
            major = connection.info.server_version // 10000
        programs_major, programs_folder = programs.client(max(self.manifest.client_version, major))
        one_version = major == self.manifest.server_version
        if one_version and programs_major != self.manifest.client_version:
            return Texts()
        copy = folder / "copy.dump"
        dump_definitions(self.into.endpoint, programs_folder, copy, text_encoding(self.manifest.encoding))
        found = definitions_of(copy, programs_folder / "pg_restore")
        if one_version:
            texts = Texts(definitions_of(archive, programs_folder / "pg_restore"), found)
            return self._with_globals(texts, globals_sql(), programs_folder, major)
        say(f"with what PostgreSQL {self.manifest.server_version} and {major} make of the definitions")
        return Texts(None, found, twins(archive, globals_sql(), self.manifest, major))

    def _with_globals(self, texts: Texts, expected: str, folder: Path, major: int) -> Texts:
        """Some servers let nobody into the database that pg_dumpall asks first."""
        try:
            found = Definitions(self.into.endpoint, self.into.application, folder, major).globals(passwords=False)
        except UpkeepError as error:
            return replace(texts, unread=str(error))
        return replace(texts, globals=(expected, found))

    def _with_roles(self, compared: Compared, texts: Texts) -> Compared:
        """And what the texts of pg_dumpall say of roles about which the catalogue has nothing to say."""
        if texts.globals is None:
            unread = [f"roles are compared by the catalogue alone: {texts.unread}"] if texts.unread else []
            return replace(compared, uncertain=(*compared.uncertain, *unread))
        lines = [line for line in (*compared.differences, *compared.uncertain) if line.startswith(_ABOUT_ROLES)]
        silent = {role for role in needed_roles(self.manifest.entries) if not any(_names(line, role) for line in lines)}
        more = compare_globals(*texts.globals, silent, self.roles.mapped)
        if self.roles.from_globals:
            return replace(compared, differences=(*compared.differences, *more))
        return replace(compared, uncertain=(*compared.uncertain, *more))

    @property
    def _left_out(self) -> frozenset[str]:
        return LEFT_OUT | (frozenset() if self.tablespaces else {"tablespace"})

    def _found(self, contents: tuple[Content, ...]) -> tuple[Found, str]:
        last = {} if self.finished else {name: self.manifest.database.get(name) for name in _GIVEN_LAST}
        with self.into.session() as connection:
            found = Found(
                server_version=connection.info.server_version // 10000,
                contents=contents,
                sequences=sequences.values(connection),
                entries=tuple(catalogue.read(connection)),
                database={**catalogue.database_facts(connection), **last},
            )
            row = connection.execute("select current_user").fetchone()
        return found, str(row[0]) if row else ""


def _names(line: str, role: str) -> bool:
    """Whether a line is about this role, not about one whose name only holds its name."""
    return bool(re.search(rf"(?<!\w){re.escape(role)}(?!\w)", line))


def detail(manifest: Manifest, contents: Sequence[Content]) -> dict[str, Any]:
    """Table by table: rows in the backup, rows in the copy, and whether they are the same rows."""
    there = {content.key: content for content in contents}
    return {
        content.key: {
            "rows": content.rows,
            "found": there[content.key].rows if content.key in there else None,
            "same": content.key in there and there[content.key].digest == content.digest,
        }
        for content in rows_back.expected(manifest.contents)
    }
