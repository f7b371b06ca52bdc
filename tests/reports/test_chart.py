"""Charts: one definition, a drawing that holds whatever names and numbers come, and the same in every colour."""

import json
import re
import xml.etree.ElementTree as ET
from base64 import b64decode
from collections.abc import Callable
from dataclasses import asdict, replace
from math import inf, nan
from pathlib import Path

import pytest

import upkeep
from tests.reports.charts import chart
from upkeep.reports.chart import Chart, Series, chart_of, charts_of
from upkeep.reports.chart_spec import PLOT_HEIGHT, spec
from upkeep.reports.chart_svg import IMAGE, image, picture, svg

HOSTILE = "<script>alert(1)</script> \x00\x1b \"quote\" 'q' & ]]> \u202e 漢字 \\ ${x} " + "w" * 300
SVG = "{http://www.w3.org/2000/svg}"


def document(given: Chart) -> str:
    return b64decode(image(given).removeprefix(IMAGE)).decode()


EVERY: list[Callable[[Chart], str]] = [svg, document, picture]


def lines(*values: float | None, limit: float | None = 0.0) -> Chart:
    return replace(chart(*values), kind="lines", series=(Series("left", values),), limit=limit)


def drawn(given: Chart) -> ET.Element:
    return ET.fromstring(picture(given))  # noqa: S314 - our own


def marks(given: Chart, mark: str, number: int = 1) -> list[dict[str, str]]:
    """What is drawn of one series, without its key in the legend."""
    root = ET.fromstring(svg(given))  # noqa: S314 - our own
    groups = [each for each in root.iter(f"{SVG}g") if f"mark-{mark} role-mark" in (each.get("class") or "")]
    paths = [dict(path.attrib) for group in groups for path in group.iter(f"{SVG}path")]
    return [each for each in paths if f"var(--series-{number})" in each.values()]


def words(given: Chart, role: str) -> list[str]:
    groups = [each for each in drawn(given).iter(f"{SVG}g") if role in (each.get("class") or "")]
    return ["".join(text.itertext()) for group in groups for text in group.iter(f"{SVG}text")]


def ticks(given: Chart) -> list[str]:
    """The numbers beside it, from below: of the two axes it is the second."""
    said = words(given, "role-axis-label")
    return said[len([each for each in said if each.startswith("week")]) :]


def height(bar: dict[str, str]) -> float:
    """Of a path `M x,y h w v HEIGHT h -w Z`."""
    return abs(float(bar["d"].split("v")[1].split("h")[0]))


@pytest.mark.baseline
def test_bars_stand_on_each_other() -> None:
    given = replace(chart(10.0, 20.0, 40.0), series=(Series("a", (10.0, 20.0, 40.0)), Series("b", (5.0, 5.0, 10.0))))
    heights = [height(bar) for bar in marks(given, "rect")]
    assert [each / heights[0] for each in heights] == pytest.approx([1, 2, 4])
    above = marks(given, "rect", 2)
    assert [height(bar) / heights[0] for bar in above] == pytest.approx([0.5, 0.5, 1])
    assert height(above[2]) + heights[2] == pytest.approx(PLOT_HEIGHT * 50 / float(ticks(given)[-1]))


def test_credits_hang_below_zero() -> None:
    assert len(marks(chart(10.0), "rect", 2)) == 1
    assert ticks(chart(10.0))[0].startswith("\u2212"), "the axis goes down to them"


def test_a_reader_who_sees_nothing_is_told() -> None:
    root = drawn(chart())
    assert (root.get("role"), root.get("aria-label")) == ("img", "Costs of shop by service. Storage grew.")


@pytest.mark.near_miss
def test_a_gap_stays_a_gap_and_a_single_value_is_a_dot() -> None:
    given = lines(1.0, 2.0, None, 3.0, None, 4.0, 5.0)
    (line,) = marks(given, "line")
    assert line["d"].count("M") == 3, "two runs, and a value alone between them"
    assert len(marks(given, "symbol")) == 1
    assert marks(lines(1.0, None, 2.0, 3.0), "symbol"), "the first may stand alone"
    assert not marks(lines(1.0, 2.0), "symbol")


@pytest.mark.parametrize(("limit", "count"), [(0.0, 1), (2.5, 1), (None, 0)])
def test_the_limit_is_a_dashed_line(limit: float | None, count: int) -> None:
    dashed = [each for each in drawn(lines(1.0, 2.0, limit=limit)).iter(f"{SVG}line") if each.get("stroke-dasharray")]
    assert len(dashed) == count


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ((0.0, 0.0), ["0", "0.2", "0.4", "0.6", "0.8", "1"]),
        ((100.0, -12.0), ["\u221220", "0", "20", "40", "60", "80", "100"]),
        ((3.0, 7.0), ["0", "1", "2", "3", "4", "5", "6", "7"]),
        ((None, None), ["0", "0.2", "0.4", "0.6", "0.8", "1"]),
        ((9_999.0,), ["0", "2,000", "4,000", "6,000", "8,000", "10,000"]),
        ((1e12,), ["0", "0.2T", "0.4T", "0.6T", "0.8T", "1T"]),
        ((2_400_000.0,), ["0", "0.5M", "1M", "1.5M", "2M", "2.5M"]),
        ((-5.0,), ["\u22125", "\u22124", "\u22123", "\u22122", "\u22121", "0"]),
    ],
)
def test_round_numbers_in_few_digits_stand_beside_it(values: tuple[float | None, ...], said: list[str]) -> None:
    assert ticks(lines(*values)) == said


def test_the_limit_is_inside() -> None:
    assert ticks(lines(1.0, limit=9.0))[-1] == "10"


def test_of_many_labels_the_last_is_said() -> None:
    said = [each for each in words(lines(*map(float, range(90))), "role-axis-label") if each.startswith("week")]
    assert said[-1] == "week 89"
    assert 5 <= len(said) <= 9


def test_the_legend_is_in_the_order_of_the_bars_from_above() -> None:
    assert words(chart(), "role-legend-label") == ["credits", "storage"]
    same = replace(lines(1.0), series=(Series("same", (1.0,)), Series("same", (2.0,))))
    assert words(same, "role-legend-label") == ["same", "same"], "of one name are two all the same"


@pytest.mark.fault
@pytest.mark.parametrize("form", EVERY)
def test_foreign_words_stay_words(form: Callable[[Chart], str]) -> None:
    given = replace(chart(1.0, title=HOSTILE, text=HOSTILE), unit=HOSTILE, labels=(HOSTILE,), series=(Series(HOSTILE, (1.0,)),))
    root = ET.fromstring(form(given))  # noqa: S314 - our own
    assert not [each for each in root.iter() if each.tag.endswith("script")]
    assert any("alert(1)" in "".join(each.itertext()) for each in root.iter(f"{SVG}text"))


@pytest.mark.fault
@pytest.mark.parametrize("values", [(nan,), (inf,), (1.0, -inf)])
def test_what_is_no_number_is_refused(values: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="no number"):
        lines(*values)
    with pytest.raises(ValueError, match="not a value for each label"):
        replace(lines(1.0), labels=("a", "b"))
    with pytest.raises(ValueError, match="1 to 8 series"):
        replace(lines(1.0), series=(Series("s", (1.0,)),) * 9)


def test_the_same_comes_back_from_what_was_kept() -> None:
    given = lines(1.0, None)
    kept = {"sections": [{"title": "old, without charts"}, {"charts": [asdict(given)]}]}
    assert charts_of(kept) == [given]
    assert charts_of({"sections": {"costs": {"charts": [asdict(given)]}}}) == [given]
    assert charts_of({}) == []
    assert chart_of(asdict(given)) == given


def of(root: ET.Element, kind: str) -> list[ET.Element]:
    return [each for each in root.iter(f"{SVG}rect") if each.get("class") == kind]


def places(text: str) -> list[str]:
    root = ET.fromstring(text)  # noqa: S314 - our own
    return [each.findtext(f"{SVG}title") or "" for each in of(root, "place")]


def test_in_a_page_each_place_says_every_value_and_what_is_unknown() -> None:
    given = replace(lines(1.0, None), series=(Series("web", (1.0, None)), Series("api", (0.25, 12_345.6))))
    assert places(svg(given)) == [
        "week 0: web: 1 EUR a week; api: 0.25 EUR a week",
        "week 1: web: unknown; api: 12,345.6 EUR a week",
    ]
    assert places(picture(given)) == places(document(given)) == [], "a picture cannot be pointed at"


def test_places_stand_over_what_is_drawn() -> None:
    given = chart(10.0, 20.0, 40.0)
    root = ET.fromstring(svg(given))  # noqa: S314 - our own
    middles = [float(each.get("x") or 0) + float(each.get("width") or 0) / 2 for each in of(root, "place")]
    bars = [bar["d"].removeprefix("M").split(",")[0] for bar in marks(given, "rect")]
    step = middles[1] - middles[0]
    assert [float(bar) - float(bars[0]) for bar in bars] == pytest.approx([0, step, 2 * step], abs=0.01)


def test_colours_are_the_reader_s_the_page_s_or_none_that_need_a_style() -> None:
    assert "prefers-color-scheme:dark" in document(chart())
    assert "var(--series-1)" in svg(chart())
    assert "<style" not in svg(chart())
    assert "var(" not in picture(chart())


def test_every_colour_of_a_document_is_one_of_the_page() -> None:
    text, page = document(chart()), (Path(upkeep.__file__).parent / "ui/static/upkeep.css").read_text(encoding="utf-8")
    named = set(re.findall(r"--([a-z0-9-]+):", text))
    assert set(re.findall(r"var\(--([a-z0-9-]+)\)", json.dumps(spec(chart())))) <= named
    assert named <= set(re.findall(r"--([a-z0-9-]+):", page))
