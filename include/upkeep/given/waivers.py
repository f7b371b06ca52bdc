"""The waivers of the file, for duties whose findings have a clock of their own."""

from collections.abc import Iterator

from upkeep.config.inventory import current
from upkeep.config.waivers import Waivers, load_waivers, waivers_path
from upkeep.discovery import discover
from upkeep.errors import InventoryError
from upkeep.given.asked import Asked, provides


@provides(Waivers)
def waivers(_: Asked) -> Iterator[Waivers]:
    """Every waiver; none while anything in the file is wrong, as then none of it quiets anything."""
    try:
        yield Waivers(load_waivers(waivers_path(), current(), discover()))
    except InventoryError:
        yield Waivers(())
