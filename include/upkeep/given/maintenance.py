"""A session that may vacuum and analyze, beside one that reads and looks who waits for it."""

from collections.abc import Iterator
from datetime import UTC, datetime

from upkeep.config.inventory import current
from upkeep.errors import CannotAskError
from upkeep.given.asked import Asked, provides
from upkeep.given.postgres import postgres
from upkeep.maintenance.session import Maintenance, opened
from upkeep.targets.database import Database
from upkeep.targets.maintenance_plan import MaintenancePlan

DECLARE = """\
in the inventory, at this database:
    maintenance: {{login: {connection}_maintenance}}
and give Airflow that connection: a role of its own that may vacuum and analyze and nothing else
(`grant pg_maintain` from version 17 on; before, membership in the owners of the tables). `upkeep doctor` says the grants."""


@provides(Maintenance)
def maintenance(asked: Asked) -> Iterator[Maintenance]:
    """
    The sessions, counted as one against the target's `at_once`.

    Raises CannotAskError with what to write where the database has no maintenance login, and for what
    `upkeep.maintenance.session.opened` refuses.
    """
    target = asked.target
    if not isinstance(target, Database):
        raise CannotAskError(f"{asked.duty.name} works on PostgreSQL, but {target.name} is no database")
    plan = target.maintenance
    if plan is None:
        reason = f"{target.name} has no maintenance login: the login that checks only reads"
        raise CannotAskError(reason, DECLARE.format(connection=target.connection))
    left = hours_left(plan)
    endpoint, application = asked.connections.postgres(plan.login), f"upkeep {asked.duty.name} at work"
    with (
        postgres(asked) as pg,
        opened(endpoint, pg, application, lock_timeout_s=plan.lock_timeout_s, hours_left_s=left) as made,
    ):
        yield made


def hours_left(plan: MaintenancePlan) -> float | None:
    """Seconds until the declared hours end, 0 outside them, None without any. What does not wait for them is the job's to say."""
    return plan.seconds_left(datetime.now(UTC), current().zone) if plan.hours is not None else None
