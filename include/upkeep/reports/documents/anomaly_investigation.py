"""The week's anomalies looked into: what was expected, what came, what else moved then, and which deployments came before."""

from collections import Counter
from collections.abc import Sequence

from upkeep.humanize import plural
from upkeep.objectives.verdicts import Precision, precisions
from upkeep.reports.investigation.alert import Alert, alerts, fired
from upkeep.reports.investigation.drawn import Drawer
from upkeep.reports.investigation.episode import Episode, elsewhere, episodes, moment
from upkeep.reports.report import Report, report
from upkeep.reports.section import Section
from upkeep.sources.rows import Rows
from upkeep.window import Cadence, Window

MOST = 10
_COLUMNS = ("service", "number", "since (UTC)", "until (UTC)", "came:", "expected:", "by chance:", "first look at", "people say")
_WORSE, _AFTER, _WITH, _ALONE = "after a deployment that was worse", "after a deployment", "with other services", "alone"


@report(Cadence.WEEKLY)
def anomaly_investigation(rows: Rows, window: Window) -> Report | None:
    """
    Every anomaly of the week, the rarest first, and the ten rarest looked into; None where nothing was unusual.

    What came together is no proof of a cause: it says where to look first. Verdicts are those that were given by the week's end.
    """
    every = episodes(rows, window)
    if not every:
        return None
    firing, drawer = alerts(rows, window), Drawer(rows, window)
    looked_into = tuple(_looked_into(one, every, firing, drawer) for one in every[:MOST])
    known = precisions(rows, window.end)
    parts = (_overview(every), *looked_into, *([_right(known)] if known else []))
    title = f"Anomalies, {window.start:%Y-%m-%d} to {window.end:%Y-%m-%d}"
    return Report(title=title, headline=parts[0].text + ".", sections=parts)


def _overview(every: Sequence[Episode]) -> Section:
    counts = Counter(_kind(one, every) for one in every)
    said = ", ".join(f"{counts[kind]} {kind}" for kind in (_WORSE, _AFTER, _WITH, _ALONE) if counts[kind])
    judged = Counter(one.verdict for one in every if one.verdict)
    people = "; people judged " + ", ".join(f"{n} {word}" for word, n in sorted(judged.items())) if judged else ""
    services = len({one.service for one in every})
    text = f"{plural(len(every), 'anomaly', 'anomalies')} of {plural(services, 'service')}: {said}{people}"
    text += f"; the {MOST} rarest are looked into" if len(every) > MOST else ""
    table = tuple(_cells(one, every) for one in every)
    return Section(title="Anomalies", text=text, columns=_COLUMNS, rows=table, page="services")


def _kind(one: Episode, every: Sequence[Episode]) -> str:
    if one.worse:
        return _WORSE
    if one.deployments:
        return _AFTER
    return _WITH if elsewhere(one, every) else _ALONE


def _cells(one: Episode, every: Sequence[Episode]) -> tuple[str, ...]:
    until = "still on" if one.open else moment(one.ends)
    first = (one.worse or one.deployments or elsewhere(one, every) or ["what changed then"])[0]
    numbers = (one.said(one.value), one.range, one.once)
    return (one.service, one.series, moment(one.since), until, *numbers, first, one.judged)


def _looked_into(one: Episode, every: Sequence[Episode], firing: list[Alert], drawer: Drawer) -> Section:
    found = {
        "expected": f"{one.said(one.expected)}, {one.range}, from {one.n:,} values before",
        "came": f"{one.said(one.value)} at {moment(one.at)} UTC; by chance {one.once}",
        "on": f"from {moment(one.since)} to {moment(one.ends)} UTC"
        + (", and still on at the end of the week" if one.open else ""),
        "moved with it": _listed(one.together),
        "at other services": _listed(elsewhere(one, every)),
        "alerts then": _listed(fired(one, firing)),
        "deployed before": _listed(one.deployments),
        "signals around them": _listed(one.effects),
        "people say": one.judged,
    }
    return Section(
        title=f"{one.name} since {moment(one.since)} UTC",
        text=f"{one.rule.replace('_', ' ')}, {_kind(one, every)}",
        columns=("what", "found"),
        rows=tuple(found.items()),
        charts=drawer.charts(one),
    )


def _listed(each: Sequence[str]) -> str:
    return ", ".join(each) or "nothing known"


def _right(known: dict[str, Precision]) -> Section:
    table = tuple(
        (rule, f"{each.confirmed} of {each.judged}", "low" if each.demoted else "medium") for rule, each in known.items()
    )
    confirmed, judged = (sum(getattr(each, name) for each in known.values()) for name in ("confirmed", "judged"))
    text = f"{confirmed} of {judged} that people judged so far were real"
    return Section(title="How often each rule was right", text=text, columns=("rule", "right:", "told as"), rows=table)
