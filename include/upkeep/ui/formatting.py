"""Times, spans and shares as the pages say them. Moments are shown in UTC, days in the zone of the inventory."""

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal

from markupsafe import Markup, escape

from upkeep.humanize import money, plural
from upkeep.remedy import holds, momentary
from upkeep.remedy import parts as remedy_parts
from upkeep.reports.lines import spelled

_MONTH_D, _YEAR_D = 60, 730


def moment(at: datetime | None) -> str:
    """Such as "2026-11-22 06:05 UTC"."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if at else "never"


def day(at: datetime | date) -> str:
    """Such as "22 Nov 2026"."""
    return f"{at:%-d %b %Y}"


def ago(at: datetime | None, now: datetime) -> str:
    """Such as "3 h ago" or "in 12 d"."""
    if at is None:
        return "never"
    seconds = (now - at).total_seconds()
    return f"{span(seconds)} ago" if seconds >= 0 else f"in {span(-seconds)}"


def span(seconds: float) -> str:
    """A span in its largest sensible unit, such as "12 d"."""
    days = seconds / 86_400
    if days >= _YEAR_D:
        return f"{days / 365:.0f} y"
    if days >= _MONTH_D:
        return f"{days / 30.4:.0f} mo"
    if days >= 1:
        return f"{days:.0f} d"
    if seconds >= 3600:  # noqa: PLR2004 - an hour
        return f"{seconds / 3600:.0f} h"
    return f"{seconds / 60:.0f} min" if seconds >= 60 else f"{seconds:.0f} s"  # noqa: PLR2004 - a minute


def window(start: datetime, end: datetime, zone: tzinfo) -> str:
    """Whole days as days, such as "22 Nov 2026" or "16 to 22 Nov 2026"; anything else with its times."""
    first, last = start.astimezone(zone), end.astimezone(zone)
    if first.time() != last.time() or first.hour or first.minute:
        return f"{first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M} {last:%Z}"
    closing = last - timedelta(microseconds=1)
    if first.date() == closing.date():
        return day(first)
    same = (first.year, first.month) == (closing.year, closing.month)
    return f"{first:%-d} to {day(closing)}" if same else f"{day(first)} to {day(closing)}"


def labelled(labels: dict[str, str]) -> str:
    """What tells a metric from its siblings, in a few words."""
    return ", ".join(str(word) for word in labels.values())


def signed_money(amount: Decimal, currency: str = "") -> str:
    """Such as "+1,234.50 EUR"."""
    return f"{amount:+,.2f} {currency}".rstrip()


def month_end(month: date) -> date:
    """The last day of a month."""
    return month.replace(day=monthrange(month.year, month.month)[1])


def noun(count: int, one: str, many: str = "") -> str:
    """The word that goes with a count that stands elsewhere: "target" for 1, "targets" for others."""
    return one if count == 1 else many or one + "s"


def coded(text: str) -> Markup:
    """Prose in which what stands between backticks is code; the rest is text, whatever it holds."""
    pieces = text.split("`")
    if len(pieces) % 2 == 0:
        return escape(text)
    return Markup("").join(Markup("<code>{}</code>").format(piece) if at % 2 else piece for at, piece in enumerate(pieces))


__all__ = [
    "ago", "coded", "day", "holds", "labelled", "moment", "momentary", "money", "month_end", "noun", "plural", "remedy_parts",
    "signed_money", "span", "spelled", "window",
]  # fmt: skip
