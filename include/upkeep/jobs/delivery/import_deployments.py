"""Deployments brought into the report database, so that checks need not ask a forge."""

from collections.abc import Iterator

from upkeep.answer import Answer, Metric
from upkeep.delivery.kept import KeptDeployments
from upkeep.delivery.place import DeploymentPlace, Deployments
from upkeep.duty import Progress, job
from upkeep.errors import CannotAskError
from upkeep.humanize import plural
from upkeep.sources.connections import Connections
from upkeep.targets.service import Service
from upkeep.units import Unit
from upkeep.window import Cadence, Window


@job(Cadence.DAILY, owner="delivery")
def import_deployments(
    service: Service,
    connections: Connections,
    kept: KeptDeployments,
    window: Window,
    progress: Progress,
    *,
    dry_run: bool = False,
) -> Answer:
    """
    Deployments brought into the report database, so that checks need not ask a forge.

    Each place that the service names under `deployments` is asked for what began or ended in the window: GitHub, GitLab, tags of
    a repository. A deployment is one row of `upkeep.deployment`, however often its statuses are told and in whichever order; the
    commits that it brought beside the one before it are rows of `upkeep.deployment_change`, from which lead times are counted.
    What pipelines and people wrote stays. Safe to kill at any point: each place is one transaction, and the same window again
    writes the same rows. `dry_run` says what it would keep.
    """
    if not service.deployments:
        return Answer.judged("names no place of deployments; pipelines may insert rows, see docs/delivery.md")
    told = [_from(place, connections, kept, window, progress, dry_run=dry_run) for place in service.deployments]
    found, changed = sum(each[0] for each in told), sum(each[1] for each in told)
    unexplained = tuple(text for each in told for text in each[2])
    if dry_run:
        return Answer.judged(f"would keep {plural(found, 'deployment')}; dry run, nothing was kept")
    metrics = [Metric(name="deployments_imported", value=changed, unit=Unit.COUNT)]
    without = f"; changes not known: {'; '.join(unexplained[:3])}" if unexplained else ""
    summary = f"{plural(found, 'deployment')} told, {changed:,} new or changed{without}"
    return Answer.judged(summary, metrics=metrics, evidence={"unexplained": list(unexplained)})


def _from(
    place: DeploymentPlace, connections: Connections, kept: KeptDeployments, window: Window, progress: Progress, *, dry_run: bool
) -> tuple[int, int, tuple[str, ...]]:
    """How many it told, how many are new or changed, and whose changes could not be had."""
    progress("read", place.described)
    opened = place.open(connections)
    found = list(opened.deployed(window))
    if dry_run:
        return len(found), 0, ()
    changed = kept.keep(found)
    sources = {each.source for each in found}
    progress("changes", place.described)
    return len(found), changed, tuple(text for source in sources for text in _explained(opened, kept, window, source))


def _explained(opened: Deployments, kept: KeptDeployments, window: Window, source: str) -> Iterator[str]:
    """Keep the changes of each that has none yet; names those that the place does not know."""
    for each in kept.unexplained(window, source):
        try:
            kept.explain(each, opened.changes(each.base, each.head))
        except CannotAskError as error:
            yield f"{each.deployment} ({error.reason})"
