"""Where days begin."""

from datetime import UTC, tzinfo

from upkeep.config.inventory import current
from upkeep.errors import InventoryError


def zone() -> tzinfo:
    """The zone of the inventory; UTC while the inventory cannot be read, since pages must show how things stand even then."""
    try:
        return current().zone
    except InventoryError:
        return UTC
