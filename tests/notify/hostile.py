"""Reports that try to break a message: huge ones, and words that are markup, mentions, or hardly words at all."""

import random
from datetime import UTC, datetime, timedelta

from upkeep.reports.lines import AnswerLine, FindingLine, ResolvedLine, UnaskedLine
from upkeep.reports.run import RunReport
from upkeep.store.quality_result import QualityResult
from upkeep.window import Cadence, Window

START = datetime(2026, 11, 22, tzinfo=UTC)
WINDOW = Window(START, START + timedelta(days=1))
SEVERITIES = ("critical", "high", "medium", "low")
PIECES = (
    "<!channel>", "<@U0EVIL>", "<https://evil.test|click>", "&amp;", "&", "<", ">", "`", "```", "*", "_", "~", "|", '"', "'",
    "\\", "\n", "\r\n", "\t", "\x00", "\x1b[31m", "\u202e", "\u2028", "\ud800", "😀", "👩\u200d👧", "ß", "漢字", "e\u0301",
    "@here", "#general", "plain words ", 'public."Bestellung ä"', "[x](https://evil.test)", "{{ 7*7 }}", "%s", "…", "a" * 200,
)  # fmt: skip


# What a gate says that did not let the rows pass.
FAILED = QualityResult(18, ("rows lack a target: 3 of 400", "<!channel> " * 300))


def phrase(rng: random.Random, most: int = 12) -> str:
    """Some hostile text, never empty."""
    return "x" + "".join(rng.choices(PIECES, k=rng.randint(1, most)))


def finding(rng: random.Random, number: int) -> FindingLine:
    """One finding of a seeded kind."""
    return FindingLine(
        fingerprint=f"{number:016x}",
        duty=phrase(rng, 3),
        area="database",
        target=phrase(rng, 4),
        owner="database-on-call",
        owner_slack=rng.choice(["U012AB3CD", "S012AB3CD", "", "<!channel>", "u0lower"]),
        runbook=rng.choice(["", "https://wiki.test/a?b=c&d=e", "https://wiki.test/>|<", "https://wiki.test/" + "x" * 3_000]),
        object=phrase(rng),
        severity=rng.choice(SEVERITIES),
        title=phrase(rng, 60),
        remedy=phrase(rng, 60),
        first_seen=START,
        found_at=START,
        last_seen=WINDOW.end,
        due_at=START,
        waived_until=None,
        waived=rng.random() < 0.1,
        overdue=rng.random() < 0.2,
        red=rng.random() < 0.5,
        new=rng.random() < 0.3,
        reopened=False,
    )


def answer(rng: random.Random, number: int) -> AnswerLine:
    """One answer of a seeded kind."""
    status = rng.choice(["ok", "breach", "unknown"])
    return AnswerLine(
        phrase(rng, 3), "database", phrase(rng, 4), status, phrase(rng, 40), phrase(rng), "daily", phrase(rng), "a.b", number
    )


def report(seed: int, findings: int, quality: QualityResult | None = None) -> RunReport:
    """A report of this many findings and everything else in proportion."""
    rng = random.Random(seed)  # noqa: S311 - the same report every time
    return RunReport(
        cadence=Cadence.DAILY,
        window=WINDOW,
        answers=tuple(answer(rng, n) for n in range(findings)),
        findings=tuple(finding(rng, n) for n in range(findings)),
        resolved=tuple(
            ResolvedLine(phrase(rng), phrase(rng), rng.choice(SEVERITIES), phrase(rng, 60), START) for _ in range(findings)
        ),
        missing=tuple(UnaskedLine("database", phrase(rng), phrase(rng, 30)) for _ in range(findings)),
        numbers=(),
        quality=quality,
    )
