"""The stored deployments of the service that is asked about."""

from collections.abc import Iterator

from upkeep.delivery.kept import KeptDeployments
from upkeep.given.asked import Asked, provides
from upkeep.store.deployments import StoredDeployments


@provides(KeptDeployments)
def deployments(asked: Asked) -> Iterator[KeptDeployments]:
    """Its rows. Raises CannotAskError without a report database."""
    yield StoredDeployments(asked.stored(), asked.target.name)
