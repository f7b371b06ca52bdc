"""Images that a repository builds on: pinned or not, and whether their tags have moved on."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import ClassVar

from upkeep.answer import Answer, Finding, Metric, Severity
from upkeep.checks.security.image_digests import Pin, Registries, Used, images_of
from upkeep.config.inventory import Inventory
from upkeep.duty import History, check
from upkeep.humanize import plural
from upkeep.record import Record
from upkeep.sources.connections import Connections
from upkeep.sources.repository import Repository
from upkeep.targets.repository import CodeRepository
from upkeep.units import Unit
from upkeep.window import Cadence

_REMEDY = "name its registry under registries in the inventory, with a connection where it wants a login"
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class BaseImageRow(Record):
    """One image in one place; the fields are the columns."""

    table: ClassVar[str] = "base_image"

    place: str
    image: str
    digest: str
    tag_digest: str | None
    pin: str
    first_seen: date


@check(Cadence.MONTHLY, owner="platform")
def base_images(
    repository: CodeRepository,
    files: Repository,
    inventory: Inventory,
    connections: Connections,
    history: History,
    *,
    medium_days: float = 30,
) -> Answer:
    """
    Images that a repository builds on: pinned or not, and whether their tags have moved on.

    FROM, COPY --from and RUN --mount of its Dockerfiles and Containerfiles. A tag is what its owner last put there: without a
    digest nobody knows what was built, and with one no mend arrives until it is moved. Registries under `registries` of the
    inventory are asked which digest a tag has now; where one cannot be asked, or a name is only known when it is built, it is
    unknown unless something was found. Without a digest is low, medium for "latest"; a tag that has had another digest for
    `medium_days`, or is gone, is medium. A registry knows only today. What an image contains its SBOM tells.
    """
    images, untold = images_of(files)
    registries = Registries(inventory.settings.registries, connections)
    used = [registries.used(name, places) for name, places in images.items()]
    today, untold = datetime.now(UTC).date(), [*untold, *registries.untold]
    first = _first_seen(used, history, today)
    findings = [found for one in used for found in _findings(one, (today - first[_key(one)]).days, medium_days)]
    state = {"first_seen": {key: day.isoformat() for key, day in first.items()}}
    if untold and not findings:
        return Answer.unknown(_summary(used, untold), _REMEDY, state=state)
    return Answer.judged(
        _summary(used, untold),
        findings=findings,
        metrics=list(_metrics(used)),
        evidence={"could_not_tell": untold[:50]},
        state=state,
        records=[_row(one, place, first[_key(one)]) for one in used for place in one.places],
    )


def _key(one: Used) -> str:
    return f"{one.pin.value} {one.name.text} {one.name.digest or ''}".strip()


def _first_seen(used: Sequence[Used], history: History, today: date) -> dict[str, date]:
    """Since when each image is pinned as it is without a break, from what the last answer remembered."""
    before: Mapping[str, str] = (history.state() or {}).get("first_seen", {})
    return {_key(one): min(today, date.fromisoformat(before.get(_key(one), today.isoformat()))) for one in used}


def _row(one: Used, place: str, first_seen: date) -> BaseImageRow:
    return BaseImageRow(place, one.name.text, one.name.digest or "", one.now, one.pin.value, first_seen)


def _findings(one: Used, days: int, medium_days: float) -> Iterator[Finding]:
    where = {"places": list(one.places[:20]), "digest": one.name.digest, "tag_has": one.now}
    at = f"{one.name.text}@{one.now}" if one.now else f"{one.name.text}@sha256:…"
    if one.pin is Pin.OPEN:
        severity = Severity.MEDIUM if one.name.tag == "latest" else Severity.LOW
        title = f"{one.name.text} is not pinned by a digest in {_places(one)}: what is built changes with its tag"
        yield Finding(rule="unpinned_image", object=one.name.text, severity=severity, title=title, remedy=f"write {at}",
                      details=where)  # fmt: skip
    if one.pin is Pin.GONE:
        title = f"{one.name.text} is not there any more, and {_places(one)} is built on it"
        yield Finding(rule="image_gone", object=one.name.text, severity=Severity.MEDIUM, title=title,
                      remedy="build on a tag that is still mended", details=where)  # fmt: skip
    if one.pin is Pin.BEHIND:
        severity = Severity.MEDIUM if days > medium_days else Severity.LOW
        title = (
            f"{one.name.text} has moved on from what {_places(one)} pins, known for {plural(days, 'day')} (limit {medium_days:g})"
        )
        yield Finding(rule="image_behind", object=_pinned(one), severity=severity, title=title, value=days, limit=medium_days,
                      unit=Unit.DAYS, remedy=f"write {at}, build and test", details=where)  # fmt: skip


def _pinned(one: Used) -> str:
    """An image and the beginning of its digest: two pins of one tag are two findings."""
    return f"{one.name.text}@{(one.name.digest or '')[:19]}"


def _places(one: Used) -> str:
    more = f" and {len(one.places) - 1} more" if len(one.places) > 1 else ""
    return f"{one.places[0]}{more}"


def _summary(used: Sequence[Used], untold: Sequence[str]) -> str:
    pinned = sum(one.name.digest is not None for one in used)
    behind = sum(one.pin is Pin.BEHIND for one in used)
    parts = [
        f"{plural(len(used), 'base image')}, {pinned} pinned by a digest, {behind} behind {'its' if behind == 1 else 'their'} tag"
    ]
    more = f" and {len(untold) - _SHOWN} more" if len(untold) > _SHOWN else ""
    parts += [f"could not tell: {'; '.join(untold[:_SHOWN])}{more}"] if untold else []
    return "; ".join(parts)


def _metrics(used: Sequence[Used]) -> Iterator[Metric]:
    pinned, count = sum(one.name.digest is not None for one in used), len(used)
    if count:
        yield Metric(name="pinned_images", value=pinned / count, unit=Unit.SHARE, numerator=pinned, denominator=count, n=count)
    for pin in Pin:
        yield Metric(name="base_images", value=sum(one.pin is pin for one in used), unit=Unit.COUNT, labels={"pin": pin.value})
