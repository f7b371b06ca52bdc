"""What the words of a command stand for: the inventory, a duty, a window."""

import argparse
from datetime import datetime

from upkeep.config.inventory import Inventory, inventory_path
from upkeep.config.thresholds import checked
from upkeep.discovery import discover
from upkeep.duty import Duty
from upkeep.errors import UpkeepError
from upkeep.suggestions import nearest
from upkeep.window import Window


def the_inventory() -> Inventory:
    """The inventory of this process, its thresholds checked too. Raises InventoryError."""
    return checked(inventory_path())


def the_duty(name: str) -> Duty:
    """The duty of this name; raises UpkeepError with the nearest one."""
    found = {duty.name: duty for duty in discover()}
    if name not in found:
        raise UpkeepError(f'no duty is called "{name}"{nearest(name, found)}')
    return found[name]


def the_window(given: argparse.Namespace, inventory: Inventory) -> Window | None:
    """The window between --from and --to, or None when neither is given. Raises UpkeepError."""
    if not given.start and not given.end:
        return None
    if not (given.start and given.end):
        raise UpkeepError("give both --from and --to, or neither")
    try:
        moments = [datetime.fromisoformat(text) for text in (given.start, given.end)]
        return Window(*(m if m.tzinfo else m.replace(tzinfo=inventory.zone) for m in moments))
    except ValueError as error:
        raise UpkeepError(f"--from and --to: {error}; write days as 2026-11-01") from error
