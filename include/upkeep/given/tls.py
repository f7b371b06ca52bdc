"""The TLS side of an endpoint."""

from collections.abc import Iterator

from upkeep.errors import CannotAskError
from upkeep.given.asked import Asked, provides
from upkeep.sources.tls import Tls
from upkeep.targets.endpoint import NetworkEndpoint


@provides(Tls)
def tls(asked: Asked) -> Iterator[Tls]:
    """Its address, counted against `at_once`. Raises CannotAskError when the target is no endpoint."""
    target = asked.target
    if not isinstance(target, NetworkEndpoint):
        raise CannotAskError(f"{asked.duty.name} asks for certificates, but {target.name} is no endpoint")
    with asked.turn():
        yield Tls(target.host, target.port, target.scheme, target.timeout_s)
