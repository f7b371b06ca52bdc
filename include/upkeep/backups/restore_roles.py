"""The roles of a backup on the server of its copy: which are made, which are mapped, and what they own."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from upkeep.backups import programs, unpacking
from upkeep.backups.definitions import GLOBALS
from upkeep.backups.destination import Destination
from upkeep.backups.fill import stored
from upkeep.backups.manifest import Manifest
from upkeep.backups.psql import Psql, environment
from upkeep.backups.role_facts import RoleFacts
from upkeep.backups.role_making import apply_roles
from upkeep.backups.role_plan import RolePlan, lacking, plan_roles
from upkeep.backups.roles import Roles, check_mapping, create_missing, for_scratch, hand_over, named
from upkeep.backups.stages import Stages
from upkeep.sources.objects import ObjectStore

if TYPE_CHECKING:
    import psycopg


@dataclass(frozen=True, slots=True)
class RestoreRoles:
    """
    The part of one restore that is about roles. `keys` open what is encrypted.

    Killed anywhere it is done again by the next try: a role that is there is left as it is.
    """

    manifest: Manifest
    into: Destination
    roles: Roles
    place: ObjectStore
    keys: Sequence[Any]

    def make(self, stages: Stages) -> tuple[list[str], list[str]]:
        """Make missing roles; those returned first exist only until they are handed over. Then what is to be said."""
        if self.roles.from_globals:
            self._run_globals()
        wanted = named(self.manifest, no_owner=self.roles.no_owner)
        mapped = {old: new for old, new in self.roles.mapped.items() if old in wanted}
        with self.into.admin() as admin:
            check_mapping(admin, mapped)
            plan = self.plan(admin)
            applied = apply_roles(admin, plan)
            made = (*applied.created, *create_missing(admin, wanted))
            facts = self._facts()
            notes = [*lacking(admin, facts, self.roles.mapped), *plan.cannot, *applied.left]
        lasting = sorted(set(made) - mapped.keys())
        if lasting:
            login = "without password" if self.roles.logins else "without login and password"
            stages.progress("roles", f"made {login}: {', '.join(lasting)}")
        return sorted(mapped), list(dict.fromkeys(notes))

    def plan(self, admin: "psycopg.Connection[Any]") -> RolePlan:
        """What becomes of the backup's roles on the server of this session. Changes nothing."""
        facts = self._facts()
        return plan_roles(admin, facts, self.roles.mode, mapped=self.roles.mapped, logins=self.roles.logins)

    def _facts(self) -> list[RoleFacts]:
        wanted = named(self.manifest, no_owner=self.roles.no_owner)
        facts = [RoleFacts.from_json(each) for each in self.manifest.roles]
        return [each for each in facts if not self.roles.no_owner or each.name in wanted]

    def globals(self) -> str:
        """The script of the roles that the backup holds."""
        text = bytearray()
        unpacking.unpack(self.place, stored(self.manifest, GLOBALS), text.extend, self.keys)
        return text.decode(errors=programs.ANY_BYTES)

    def _run_globals(self) -> None:
        with self.into.admin() as admin:
            server = replace(self.into.server, database=admin.info.dbname)
        program = programs.client(self.manifest.client_version)[1] / "psql"
        with Psql(program, environment(server, self.into.application, "UTF8"), str(server.database), server.options) as session:
            session.ask(for_scratch(self.globals()))

    def hand_over(self, temporary: Sequence[str]) -> None:
        """Give what the roles made for a mapping own to those they are mapped to, and drop them."""
        with self.into.session() as connection:
            for old in temporary:
                hand_over(connection, old, self.roles.mapped[old])
