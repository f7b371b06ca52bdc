"""What is known of packages' faults."""

from collections.abc import Iterator

from upkeep.advisories.places import Advisories, is_api
from upkeep.config.inventory import current
from upkeep.errors import CannotAskError
from upkeep.given.asked import Asked, provides


@provides(Advisories)
def advisories(asked: Asked) -> Iterator[Advisories]:
    """The place that the inventory names. Raises CannotAskError when it names none."""
    named = current().settings.advisories
    if named is None:
        remedy = "write advisories: {place: …} into the inventory: a bucket of OSV dumps, or https://api.osv.dev"
        raise CannotAskError("the inventory does not say where advisories are looked up", remedy)
    yield Advisories(named.place, None if is_api(named.place) else asked.connections.objects(named.place, named.connection))
