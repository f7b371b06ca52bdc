"""The declared hours of a database: what does not wait for them is only what is urgent."""

from upkeep.errors import CannotAskError
from upkeep.maintenance.session import Maintenance
from upkeep.targets.database import Database


def is_outside(work: Maintenance) -> bool:
    """Whether its hours have not begun."""
    return work.hours_left_s == 0


def check_hours(db: Database, work: Maintenance) -> None:
    """Raises CannotAskError outside the declared hours."""
    if is_outside(work):
        hours = db.maintenance.hours if db.maintenance else None
        raise CannotAskError(f"outside its maintenance hours ({hours})", "run it within them, or declare others (`hours`)")
