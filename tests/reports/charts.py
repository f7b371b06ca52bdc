"""Charts for tests."""

from upkeep.reports.chart import Chart, Series


def chart(*values: float | None, title: str = "Costs of shop by service", text: str = "Storage grew.") -> Chart:
    """Bars of one service, and of credits that are below zero."""
    given = values or (10.0, 20.0, 30.0)
    return Chart(
        title=title,
        text=text,
        unit="EUR a week",
        kind="stacked",
        labels=tuple(f"week {n}" for n in range(len(given))),
        series=(Series("storage", given), Series("credits", tuple(-1.0 for _ in given))),
    )
