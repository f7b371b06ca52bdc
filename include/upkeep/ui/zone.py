"""Where days begin."""

from datetime import UTC, tzinfo

from upkeep.errors import InventoryError
from upkeep.inventory import current


def zone() -> tzinfo:
    """The zone of the inventory; UTC while the inventory cannot be read, since pages must show how things stand even then."""
    try:
        return current().zone
    except InventoryError:
        return UTC
