"""
Restoring one backup, and proving it: filled into a database, then compared with the manifest, row by row and object by object.

Nothing there is touched that was there before: the database is made, or is empty. Until it is whole it carries a mark, and only
what an unfinished restore of the same backup left, and nobody else has touched, is dropped and made again by the next try. From
the moment it was compared it is never dropped. Any word of PostgreSQL's programs on stderr fails the restore.
"""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from upkeep.backups import readback, unpacking
from upkeep.backups.copy_compare import Copy, detail
from upkeep.backups.destination import Destination
from upkeep.backups.fill import Filling, IndexesError
from upkeep.backups.local_folder import local_folder
from upkeep.backups.manifest import Content, DamagedError, Manifest
from upkeep.backups.registry import Registry
from upkeep.backups.restore_roles import RestoreRoles
from upkeep.backups.restore_row import RestoreRow
from upkeep.backups.roles import Roles, named
from upkeep.backups.stages import Stages
from upkeep.errors import UpkeepError
from upkeep.sources.objects import ObjectStore

if TYPE_CHECKING:
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
        self._row = RestoreRow(self.registry, self.backup_id, self._called, self.asked_by)

    @property
    def backup_id(self) -> str:
        """The folder's name."""
        return self.place.root.rstrip("/").rpartition("/")[2]

    def run(self) -> Restored:
        """Restore, compare, register. Raises BrokenError and DamagedError; a copy that differs is returned, not raised."""
        with ExitStack() as claims:
            if self.registry:
                # A scratch server is ours alone, and its address never comes again: a claim on it would never be taken over.
                place = [] if self.roles.from_globals else [f"database {self._place}"]
                claims.enter_context(self.registry.claimed(f"backup {self.backup_id}", *place))
            claims.enter_context(self.into.claimed())
            return self._claimed()

    def _claimed(self) -> Restored:
        with self.stages.stage("manifest", self.place.url):
            manifest = self._manifest()
        self._row.begin(manifest.target)
        try:
            if self.into.is_whole(manifest):
                done = self._was_whole(manifest)
            else:
                with local_folder(f"restore into {self._place}") as folder:
                    done = self._restore(manifest, folder)
        except BaseException as error:
            state = "refused" if self._is_refusal(error) else "failed"
            self._row.end(state, self.stages.seconds, error=" ".join(str(error).split()) or type(error).__name__)
            raise
        self._row.end(
            "proven" if done.proven else "differs",
            self.stages.seconds,
            server_version=done.server_version,
            rows=done.rows,
            differences=done.differences,
            uncertain=done.uncertain,
            exactness=done.exactness,
            detail=detail(manifest, done.contents),
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
            self._row.begin(target)
            self._row.end("failed", self.stages.seconds, error=" ".join(str(error).split()))
            raise

    def _restore(self, manifest: Manifest, folder: Path) -> Restored:
        keys = unpacking.identities(self.keys)
        roles = RestoreRoles(manifest, self.into, self.roles, self.place, keys)
        with self.stages.stage("check"):
            major, was_there = self.into.check(manifest)
            tablespaces = self._tablespaces(manifest)
        with self.stages.stage("roles"):
            temporary, notes = roles.make(self.stages)
        with self.into.acting_as(named(manifest, no_owner=self.roles.no_owner) | set(self.roles.mapped.values())) as refused:
            notes += [f"may not act as role {role}: what it owns stays with who restores" for role in refused]
            filling = self._filling(manifest, major, keys, tablespaces=tablespaces)
            with self.stages.stage("create", self.into.database):
                self._make_database(manifest, major, was_there=was_there)
            contents, archive = self._fill(filling, folder, was_there=was_there)
            with self.stages.stage("finish"):
                roles.hand_over(temporary)
                notes += self.into.finish(manifest, dict(self.roles.mapped), no_owner=self.roles.no_owner)
            with self.stages.stage("compare"):
                copy = Copy(self.into, manifest, self.roles, was_there, tablespaces, finished=False)
                compared = copy.examined(contents, archive, folder, roles.globals, self._say_compare)
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
            uncertain=(*compared.uncertain, *notes),
            exactness=compared.exactness,
            contents=contents,
        )

    def _was_whole(self, manifest: Manifest) -> Restored:
        """An earlier try made and proved this copy; only its row could not be written. Nothing in it is touched."""
        self.stages.progress("register", "the copy is whole already: an earlier restore was proven, but could not say so")
        notes = ("restored and compared by an earlier try; what was changed in it since was not looked at",)
        return Restored(
            backup_id=manifest.id,
            target=manifest.target,
            destination=self._called,
            server_version=manifest.server_version,
            rows=manifest.rows,
            seconds={},
            differences=(),
            uncertain=notes,
        )

    def _filling(self, manifest: Manifest, major: int, keys: Sequence[Any], *, tablespaces: bool) -> Filling:
        args = ["--no-owner", "--no-privileges"] if self.roles.no_owner else []
        args += [] if tablespaces else ["--no-tablespaces"]
        return Filling(self.place, self.into, manifest, major, keys, self.jobs, self.stages, args)

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
    def _place(self) -> str:
        """Which database it is, whatever people call it: two scratch servers are two places."""
        return f"{self.into.server.place}/{self.into.database}"

    @property
    def _called(self) -> str:
        return self.called or self._place

    def _make_database(self, manifest: Manifest, major: int, *, was_there: bool) -> None:
        if was_there:
            with self.into.admin() as admin:
                self.into.mark(admin, manifest.id)
        else:
            self.into.create(manifest, major)
        self.into.prepare(manifest)

    def _tablespaces(self, manifest: Manifest) -> bool:
        wanted = {entry.definition for entry in manifest.entries if entry.kind == "tablespace"}
        with self.into.admin() as admin:
            return wanted <= {row[0] for row in admin.execute(_TABLESPACES)}

    def _say_compare(self, text: str) -> None:
        self.stages.progress("compare", text)

    def _is_refusal(self, error: BaseException) -> bool:
        """Whether nothing was begun, because of the destination or of what was asked for: it says nothing about the backup."""
        last = "check" if self.roles.from_globals else "roles"
        return isinstance(error, UpkeepError) and not isinstance(error, DamagedError) and last not in self.stages.seconds
