"""Whether everything that was deployed in a window is known."""

from dataclasses import dataclass

from upkeep.errors import CannotAskError
from upkeep.sources.rows import Rows
from upkeep.targets.service import Service
from upkeep.window import Window


@dataclass(frozen=True, slots=True)
class Imported:
    """The fields are the columns of the question."""

    imported_s: float
    any_recorded: bool


def demand_imported(rows: Rows, service: Service, window: Window, environment: str) -> None:
    """Raises CannotAskError when a part of the window was not imported, or nobody ever told of a deployment."""
    about = {"service": service.name, "environment": environment, "start": window.start, "end": window.end}
    (found,) = rows(__file__, Imported, about)
    whole = window.length.total_seconds()
    if service.deployments and found.imported_s < whole:
        missing = f"{(whole - found.imported_s) / 3600:g} of {whole / 3600:g} hours of the window were not imported"
        raise CannotAskError(f"deployments are not all known: {missing}", "see the answers of import_deployments")
    if not found.any_recorded:
        raise CannotAskError(
            f"nobody told of a deployment to {environment}",
            "name a place under deployments of the service, or have its pipeline tell: docs/delivery.md",
        )
