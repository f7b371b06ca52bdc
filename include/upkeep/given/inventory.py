"""Everything that is looked after, for duties about the whole."""

from collections.abc import Iterator

from upkeep.config.inventory import Inventory, current
from upkeep.given.asked import Asked, provides


@provides(Inventory)
def inventory(_: Asked) -> Iterator[Inventory]:
    """The inventory of this process. Raises InventoryError when its file is wrong."""
    yield current()
