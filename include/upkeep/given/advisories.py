"""What is known of packages' faults."""

from collections.abc import Iterator
from functools import partial

from upkeep.advisories.histories import GitHistories
from upkeep.advisories.places import Advisories, is_api
from upkeep.config.inventory import current
from upkeep.errors import CannotAskError
from upkeep.formats.git_address import repository_of
from upkeep.given.asked import Asked, provides
from upkeep.targets.repository import CodeRepository


@provides(Advisories)
def advisories(asked: Asked) -> Iterator[Advisories]:
    """The place that the inventory names. Raises CannotAskError when it names none."""
    named = current().settings.advisories
    if named is None:
        remedy = "write advisories: {place: …} into the inventory: a bucket of OSV dumps, or https://api.osv.dev"
        raise CannotAskError("the inventory does not say where advisories are looked up", remedy)
    opened = None if is_api(named.place) else asked.connections.objects(named.place, named.connection)
    targets = [each for each in current().targets if isinstance(each, CodeRepository)]
    own = {repository_of(each.url): partial(each.remote, asked.connections) for each in targets if each.url}
    yield Advisories(named.place, opened, GitHistories(own, public=named.histories))
