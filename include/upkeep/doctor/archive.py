"""The chain of one database's archive: may its login copy and delete, would a table be refused, does the store keep things."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, replace

from upkeep.archive.place import place_of
from upkeep.archive.rights import lacking
from upkeep.archive.session import Session, session
from upkeep.archive.subject import leaf_names, look
from upkeep.doctor.store_tried import store_tried
from upkeep.errors import CannotAskError, UpkeepError
from upkeep.humanize import plural
from upkeep.sources.connections import Connections
from upkeep.sources.postgres import Endpoint
from upkeep.targets.archive import Archive
from upkeep.targets.database import Database
from upkeep.targets.diagnosis import Diagnosis, Level
from upkeep.targets.postgres_login import CONNECT_TIMEOUT_S

BLIND = ("archive",)


@dataclass(frozen=True)
class ArchiveExamined:
    """One database with an archive. `where` is the inventory's line of it."""

    target: Database
    connections: Connections
    where: str

    def examined(self) -> Iterator[Diagnosis]:
        """Every table's rights and store. Nothing is left behind."""
        for url, connection in dict.fromkeys((plan.to, plan.connection) for plan in self.target.archive):
            yield self._store(url, connection)
        if self.target.maintenance is None:
            remedy = "maintenance:\n  login: shop_db_maintenance   # its role needs SELECT and DELETE on the archived tables"
            yield self._diagnosis(Level.NO, "the inventory names no login that may delete rows here", remedy)
            return
        try:
            yield from self._tables(self.target.maintenance.login)
        except UpkeepError as error:
            remedy = getattr(error, "remedy", "") or f'correct the connection "{self.target.maintenance.login}"'
            yield self._diagnosis(Level.NO, f'"{self.target.maintenance.login}": {error}', remedy)

    def _tables(self, login: str) -> Iterator[Diagnosis]:
        endpoint = self.connections.postgres(login)
        endpoint = replace(endpoint, options={**endpoint.options, "connect_timeout": str(CONNECT_TIMEOUT_S)})
        # A name of its own: the session ends what an earlier one of its name left.
        with session(endpoint, f"upkeep doctor {secrets.token_hex(6)}", self.target.lock_timeout_s) as opened:
            for plan in self.target.archive:
                yield self._table(opened, plan, endpoint)

    def _table(self, opened: Session, plan: Archive, endpoint: Endpoint) -> Diagnosis:
        try:
            found = lacking(opened, plan)
            parts = [] if found else _looked_at(opened, plan)
        except CannotAskError as error:
            level = Level.NOTE if plan.legal_hold else Level.NO
            return self._diagnosis(level, f"{plan.table} would not be archived: {error.reason}", error.remedy)
        if not found:
            message = f" in {plural(len(parts), 'partition')}" if parts else ""
            return self._diagnosis(Level.OK, f"rows of {plan.table}{message} may be copied and deleted")
        grants = tuple(each.grant for each in found)
        diagnosis = self._diagnosis(Level.NO, "; ".join(each.message for each in found), "\n".join(grants))
        database = str(opened.one("select pg_catalog.current_database()")[0])
        return replace(diagnosis, server=endpoint.place, database=database, grants=grants)

    def _store(self, url: str, connection: str | None) -> Diagnosis:
        try:
            store = self.connections.objects(url, connection)
            store_tried(place_of(store, self.target.name, "upkeep doctor").store)
        except UpkeepError as error:
            remedy = getattr(error, "remedy", "") or "let the connection write, read, list and delete there"
            return self._diagnosis(Level.NO, str(error), remedy, about="archive store")
        return self._diagnosis(Level.OK, f"{url}: an object was written, read back and deleted", about="archive store")

    def _diagnosis(self, level: Level, message: str, remedy: str = "", *, about: str = "archive") -> Diagnosis:
        return Diagnosis(
            subject=self.target.name, about=about, level=level, text=message, remedy=remedy, where=self.where,
            blind=BLIND if level is Level.NO else (),
        )  # fmt: skip


def _looked_at(opened: Session, plan: Archive) -> list[tuple[str, str]]:
    """The partitions, each of which would be archived. Raises CannotAskError for the first that would not."""
    top = look(opened, plan.schema_name, plan.table_name, plan)
    parts = leaf_names(opened, top.facts) if top.facts.kind == "p" else []
    for part in parts:
        look(opened, *part, plan)
    return parts
