"""
Restoring one backup, and proving it: filled into a database, then compared with the manifest, row by row and object by object.

Nothing there is touched that was there before: the database is made, or is empty. Until it is whole it carries a mark, and only
what an unfinished restore of the same backup left, and nobody else has touched, is dropped and made again by the next try. From
the moment it was compared it is never dropped. Any word of PostgreSQL's programs on stderr fails the restore.
"""

from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from upkeep.backups import catalogue, programs, readback, rows_back, sequences, unpacking
from upkeep.backups.compare import LEFT_OUT, Compared, Found, Meant, Twin, compare
from upkeep.backups.definitions import GLOBALS, text_encoding
from upkeep.backups.destination import Destination
from upkeep.backups.fill import Filling, IndexesError, stored
from upkeep.backups.local_folder import local_folder
from upkeep.backups.manifest import Content, DamagedError, Manifest
from upkeep.backups.psql import Psql, environment
from upkeep.backups.registry import Registry, Restoration
from upkeep.backups.role_facts import RoleFacts
from upkeep.backups.role_making import apply_roles
from upkeep.backups.role_plan import RolePlan, lacking, plan_roles
from upkeep.backups.roles import Roles, check_mapping, create_missing, for_scratch, hand_over, named
from upkeep.backups.stages import Stages, made_at
from upkeep.backups.twin import twins
from upkeep.backups.witness import definitions_of, dump_definitions
from upkeep.errors import UpkeepError
from upkeep.sources.objects import ObjectStore

if TYPE_CHECKING:
    import psycopg

    from upkeep.duty import Progress

_TABLESPACES = "select spcname from pg_catalog.pg_tablespace"


@dataclass(frozen=True, slots=True)
class Restored:
    """What came of it. `seconds` by stage; no `differences` means proven; `uncertain` are for a person to judge."""

    backup_id: str
    target: str
    destination: str
    server_version: int
    rows: int
    seconds: dict[str, float]
    differences: tuple[str, ...]
    uncertain: tuple[str, ...]
    exactness: str = ""
    contents: tuple[Content, ...] = ()

    @property
    def proven(self) -> bool:
        """Whether the copy is the backup's content in every respect that was compared."""
        return not self.differences


@dataclass(frozen=True, slots=True)
class Texts:
    """Definitions as pg_dump writes them: of the backup, of the copy, and the twins between two major versions."""

    expected: str | None = None
    found: str | None = None
    twin: Twin | None = None


@dataclass
class Restoring:
    """
    One restore. `place` is the backup's own folder in its store, `keys` texts of age private keys.

    `expected_sha256` is the manifest's sum as the report database remembers it; `asked_by` goes into the registry's row.
    """

    place: ObjectStore
    into: Destination
    progress: "Progress"
    roles: Roles = field(default_factory=Roles)
    keys: Sequence[str] = ()
    jobs: int = 2
    registry: Registry | None = None
    expected_sha256: str | None = None
    asked_by: str | None = None
    called: str | None = None

    def __post_init__(self) -> None:
        self.stages = Stages(self.progress)

    @property
    def backup_id(self) -> str:
        """The folder's name."""
        return self.place.root.rstrip("/").rpartition("/")[2]

    def run(self) -> Restored:
        """Restore, compare, register. Raises BrokenError and DamagedError; a copy that differs is returned, not raised."""
        with ExitStack() as claims:
            if self.registry:
                server = self.into.server
                destination = f"database {server.host}:{server.port}/{self.into.database}"
                claims.enter_context(self.registry.claimed(f"backup {self.backup_id}", destination))
            claims.enter_context(self.into.claimed())
            return self._claimed()

    def _claimed(self) -> Restored:
        with self.stages.stage("manifest", self.place.url):
            manifest = self._manifest()
        row = self._begin(manifest.target)
        try:
            if self.into.is_whole(manifest):
                done = self._was_whole(manifest)
            else:
                with local_folder(f"restore {self._called}") as folder:
                    done = self._restore(manifest, folder)
        except BaseException as error:
            state = "refused" if self._is_refusal(error) else "failed"
            self._end(row, state=state, error=" ".join(str(error).split()) or type(error).__name__)
            raise
        self._end(
            row,
            state="proven" if done.proven else "differs",
            server_version=done.server_version,
            rows=done.rows,
            differences=done.differences,
            uncertain=done.uncertain,
            exactness=done.exactness,
            detail=_detail(manifest, done.contents),
            manifest_sha256=manifest.sha256,
        )
        # Last: until the row says what came of it, the mark says that the copy is whole.
        self.into.unmark(manifest)
        return done

    def _manifest(self) -> Manifest:
        """What is to be restored. One that is damaged is a failed restore, which the registry is told of."""
        try:
            return readback.read_whole(self.place, self.backup_id, self.expected_sha256, unpacking.identities(self.keys))
        except DamagedError as error:
            target = unquote(self.place.root.rstrip("/").split("/")[-2])
            self._end(self._begin(target), state="failed", error=" ".join(str(error).split()))
            raise

    def _restore(self, manifest: Manifest, folder: Path) -> Restored:
        keys = unpacking.identities(self.keys)
        with self.stages.stage("check"):
            major, was_there = self.into.check(manifest)
            tablespaces = self._tablespaces(manifest)
        with self.stages.stage("roles"):
            temporary, said = self._make_roles(manifest, keys)
        with self.into.acting_as(named(manifest, no_owner=self.roles.no_owner) | set(self.roles.mapped.values())) as refused:
            said += [f"may not act as role {role}: what it owns stays with who restores" for role in refused]
            filling = self._filling(manifest, major, keys, tablespaces=tablespaces)
            with self.stages.stage("create", self.into.database):
                self._make_database(manifest, major, was_there=was_there)
            contents, archive = self._fill(filling, folder, was_there=was_there)
            with self.stages.stage("finish"):
                self._hand_over(temporary)
                said += self.into.finish(manifest, dict(self.roles.mapped), no_owner=self.roles.no_owner)
            with self.stages.stage("compare"):
                texts = self._texts(manifest, major, archive, folder, keys)
                compared = self.compare(
                    manifest, contents, texts, was_there=was_there, tablespaces=tablespaces, finished=False
                )  # fmt: skip
        if not compared.differences:
            self.into.mark_whole(manifest)
        return Restored(
            backup_id=manifest.id,
            target=manifest.target,
            destination=self._called,
            server_version=major,
            rows=manifest.rows,
            seconds=dict(self.stages.seconds),
            differences=compared.differences,
            uncertain=(*compared.uncertain, *said),
            exactness=compared.exactness,
            contents=contents,
        )

    def _was_whole(self, manifest: Manifest) -> Restored:
        """An earlier try made and proved this copy; only its row could not be written. Nothing in it is touched."""
        self.stages.progress("register", "the copy is whole already: an earlier restore was proven, but could not say so")
        said = ("restored and compared by an earlier try; what was changed in it since was not looked at",)
        return Restored(
            backup_id=manifest.id,
            target=manifest.target,
            destination=self._called,
            server_version=manifest.server_version,
            rows=manifest.rows,
            seconds={},
            differences=(),
            uncertain=said,
        )

    def _filling(self, manifest: Manifest, major: int, keys: Sequence[Any], *, tablespaces: bool) -> Filling:
        words = ["--no-owner", "--no-privileges"] if self.roles.no_owner else []
        words += [] if tablespaces else ["--no-tablespaces"]
        return Filling(self.place, self.into, manifest, major, keys, self.jobs, self.stages, words)

    def _fill(self, filling: Filling, folder: Path, *, was_there: bool) -> tuple[tuple[Content, ...], Path]:
        """pg_restore's workers can get in each other's way where they attach indexes of partitions' partitions; one cannot."""
        archive = filling.fetch(folder)
        try:
            return filling.run(archive), archive
        except IndexesError:
            if self.jobs == 1 or was_there:
                raise
        self.stages.progress("indexes", "pg_restore failed with several workers: once more from the start, with one")
        self.into.check(filling.manifest)  # drops what carries our mark
        self._make_database(filling.manifest, filling.major, was_there=False)
        return replace(filling, jobs=1).run(archive), archive

    @property
    def _called(self) -> str:
        return self.called or f"{self.into.server.host}:{self.into.server.port}/{self.into.database}"

    def _make_roles(self, manifest: Manifest, keys: Sequence[Any]) -> tuple[list[str], list[str]]:
        """Make missing roles; those returned first exist only until they are handed over. Then what is to be said."""
        if self.roles.from_globals:
            self._run_globals(manifest, keys)
        wanted = named(manifest, no_owner=self.roles.no_owner)
        mapped = {old: new for old, new in self.roles.mapped.items() if old in wanted}
        with self.into.admin() as admin:
            check_mapping(admin, mapped)
            plan = self.plan(admin, manifest)
            applied = apply_roles(admin, plan)
            made = (*applied.created, *create_missing(admin, wanted))
            facts = self._role_facts(manifest)
            said = [*lacking(admin, facts, self.roles.mapped), *plan.cannot, *applied.left]
        lasting = sorted(set(made) - mapped.keys())
        if lasting:
            login = "without password" if self.roles.logins else "without login and password"
            self.stages.progress("roles", f"made {login}: {', '.join(lasting)}")
        return sorted(mapped), list(dict.fromkeys(said))

    def plan(self, admin: "psycopg.Connection[Any]", manifest: Manifest) -> RolePlan:
        """What becomes of the backup's roles on the server of this session. Changes nothing."""
        facts = self._role_facts(manifest)
        return plan_roles(admin, facts, self.roles.mode, mapped=self.roles.mapped, logins=self.roles.logins)

    def _role_facts(self, manifest: Manifest) -> list[RoleFacts]:
        wanted = named(manifest, no_owner=self.roles.no_owner)
        facts = [RoleFacts.from_json(each) for each in manifest.roles]
        return [each for each in facts if not self.roles.no_owner or each.name in wanted]

    def _globals(self, manifest: Manifest, keys: Sequence[Any]) -> str:
        text = bytearray()
        unpacking.unpack(self.place, stored(manifest, GLOBALS), text.extend, keys)
        return text.decode()

    def _run_globals(self, manifest: Manifest, keys: Sequence[Any]) -> None:
        with self.into.admin() as admin:
            server = replace(self.into.server, database=admin.info.dbname)
        program = programs.client(manifest.client_version)[1] / "psql"
        with Psql(program, environment(server, self.into.application, "UTF8"), str(server.database)) as session:
            session.ask(for_scratch(self._globals(manifest, keys)))

    def _make_database(self, manifest: Manifest, major: int, *, was_there: bool) -> None:
        if was_there:
            with self.into.admin() as admin:
                self.into.mark(admin, manifest.id)
        else:
            self.into.create(manifest, major)
        self.into.prepare(manifest)

    def _hand_over(self, temporary: Sequence[str]) -> None:
        with self.into.session() as connection:
            for old in temporary:
                hand_over(connection, old, self.roles.mapped[old])

    def _tablespaces(self, manifest: Manifest) -> bool:
        wanted = {entry.definition for entry in manifest.entries if entry.kind == "tablespace"}
        with self.into.admin() as admin:
            return wanted <= {row[0] for row in admin.execute(_TABLESPACES)}

    def compare(
        self, manifest: Manifest, contents: tuple[Content, ...], texts: Texts | None = None, *,
        was_there: bool, tablespaces: bool, finished: bool = True,
    ) -> Compared:  # fmt: skip
        """
        The database as it stands against the manifest; `contents` are its rows, read back, `texts` what pg_dump writes of both.

        Until it is `finished` its limit, flags and comment are not yet the original's: they are given last of all.
        """
        left_out = LEFT_OUT | (frozenset() if tablespaces else {"tablespace"})
        texts = texts or Texts()
        with self.into.session() as connection:
            found = Found(
                server_version=connection.info.server_version // 10000,
                contents=contents,
                sequences=sequences.values(connection),
                entries=catalogue.entries(connection),
                database={**catalogue.database_facts(connection), **({} if finished else _given_last(manifest))},
                script=texts.found,
            )
            user = _one(connection, "select current_user")
        owner = user if self.roles.no_owner else None
        meant = Meant(dict(self.roles.mapped), owner, left_out, own_locale=was_there, globals=self.roles.from_globals)
        expected = replace(manifest, contents=rows_back.expected(manifest.contents))
        compared = compare(expected, found, meant, texts.twin, texts.expected)
        skipped = tuple(f"left out: {e.kind} {e.key}" for e in manifest.entries if e.kind in left_out)
        return replace(compared, uncertain=(*compared.uncertain, *skipped))

    def _texts(self, manifest: Manifest, major: int, archive: Path, folder: Path, keys: Sequence[Any]) -> Texts:
        """What the same pg_dump writes of the backup and of the copy; on another major version twins stand in between."""
        programs_major, programs_folder = programs.client(max(manifest.client_version, major))
        one_version = major == manifest.server_version
        if one_version and programs_major != manifest.client_version:
            return Texts()
        copy = folder / "copy.dump"
        dump_definitions(self.into.endpoint, programs_folder, copy, text_encoding(manifest.encoding))
        found = definitions_of(copy, programs_folder / "pg_restore")
        if one_version:
            return Texts(definitions_of(archive, programs_folder / "pg_restore"), found)
        self.stages.progress("compare", f"with what PostgreSQL {manifest.server_version} and {major} make of the definitions")
        return Texts(None, found, twins(archive, self._globals(manifest, keys), manifest, major))

    def _is_refusal(self, error: BaseException) -> bool:
        """Whether nothing was begun, because of the destination or of what was asked for: it says nothing about the backup."""
        last = "check" if self.roles.from_globals else "roles"
        return isinstance(error, UpkeepError) and not isinstance(error, DamagedError) and last not in self.stages.seconds

    def _begin(self, target: str) -> Restoration | None:
        if self.registry is None:
            return None
        now = datetime.now(UTC)
        for old in self.registry.restorations(target):
            if old.state == "running" and old.destination == self._called:
                error = "its process ended before it was finished"
                self.registry.put_restoration(replace(old, state="failed", error=error, finished_at=now))
        row = Restoration(
            id=made_at(now),
            backup_id=self.backup_id,
            target=target,
            destination=self._called,
            state="running",
            begun_at=now,
            asked_by=self.asked_by,
        )
        self.registry.put_restoration(row)
        return row

    def _end(self, row: Restoration | None, **more: Any) -> None:
        if self.registry is None or row is None:
            return
        done = replace(row, finished_at=datetime.now(UTC), seconds=dict(self.stages.seconds), **more)
        if done.state not in {"failed", "refused"}:
            self.registry.put_restoration(done)
            return
        with suppress(UpkeepError):  # the failure itself is what is told
            self.registry.put_restoration(done)


def _given_last(manifest: Manifest) -> dict[str, Any]:
    return {name: manifest.database.get(name) for name in ("comment", "connection_limit", "is_template", "allow_connections")}


def _detail(manifest: Manifest, contents: Sequence[Content]) -> dict[str, Any]:
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


def _one(connection: "psycopg.Connection[Any]", sql: str) -> Any:
    row = connection.execute(sql.encode()).fetchone()
    return row[0] if row else None
