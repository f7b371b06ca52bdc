"""Charts: one definition, a drawing that holds whatever names and numbers come, and the same in every colour."""

import xml.etree.ElementTree as ET
from base64 import b64decode
from dataclasses import asdict, replace
from math import inf, nan

import pytest

from tests.reports.charts import chart
from upkeep.reports.chart import Chart, Series, chart_of, charts_of
from upkeep.reports.chart_scale import piled, scale_of
from upkeep.reports.chart_svg import EITHER, IMAGE, LIGHT, image, svg

HOSTILE = "<script>alert(1)</script> \x00\x1b \"quote\" 'q' & ]]> \u202e 漢字 " + "w" * 300


def lines(*values: float | None) -> Chart:
    return replace(chart(*values), kind="lines", series=(Series("left", values),), limit=0.0)


def drawn(given: Chart) -> ET.Element:
    return ET.fromstring(svg(given, LIGHT))  # noqa: S314 - our own


def of(root: ET.Element, tag: str, kind: str) -> list[ET.Element]:
    return [each for each in root.iter(f"{{http://www.w3.org/2000/svg}}{tag}") if each.get("class") == kind]


@pytest.mark.baseline
def test_bars_stand_on_each_other_and_credits_hang_below() -> None:
    assert list(piled(chart(10.0), 0)) == [(0, 0.0, 10.0), (1, -1.0, 0.0)]
    root = drawn(chart(10.0, 20.0, 40.0))
    heights = [float(bar.get("height") or 0) for bar in of(root, "rect", "tone-1") if bar.get("rx") is None]
    assert heights[1] == pytest.approx(2 * heights[0], rel=0.01)
    assert heights[2] == pytest.approx(4 * heights[0], rel=0.01)


def test_a_reader_who_sees_nothing_is_told() -> None:
    root = drawn(chart())
    assert (root.get("role"), root.get("aria-label")) == ("img", "Costs of shop by service. Storage grew.")


@pytest.mark.near_miss
def test_a_gap_stays_a_gap_and_a_single_value_is_a_dot() -> None:
    root = drawn(lines(1.0, 2.0, None, 3.0, None, 4.0, 5.0))
    assert len(of(root, "polyline", "line-1")) == 2
    assert len(of(root, "circle", "tone-1")) == 1
    assert len(of(root, "line", "limit")) == 1


@pytest.mark.parametrize(
    ("values", "ticks"),
    [
        ((0.0, 0.0), [0, 0.2, 0.4, 0.6, 0.8, 1]),
        ((100.0, -12.0), [-25, 0, 25, 50, 75, 100]),
        ((3.0, 7.0), [0, 2, 4, 6, 8]),
        ((0.03,), [0, 0.01, 0.02, 0.03]),
        ((1e12,), [0, 2e11, 4e11, 6e11, 8e11, 1e12]),
        ((-5.0,), [-5, -4, -3, -2, -1, 0]),
    ],
)
def test_round_numbers_stand_beside_it(values: tuple[float, ...], ticks: list[float]) -> None:
    assert list(scale_of(lines(*values)).ticks()) == pytest.approx(ticks)


def test_large_numbers_are_said_in_few_digits() -> None:
    scale = scale_of(lines(2_400_000.0))
    assert [scale.said(tick) for tick in scale.ticks()] == ["0", "0.5 M", "1 M", "1.5 M", "2 M", "2.5 M"]
    scale = scale_of(lines(0.3))
    assert [scale.said(tick) for tick in scale.ticks()] == ["0", "0.1", "0.2", "0.3"]


@pytest.mark.fault
def test_foreign_words_stay_words() -> None:
    given = replace(chart(1.0, title=HOSTILE, text=HOSTILE), unit=HOSTILE, labels=(HOSTILE,), series=(Series(HOSTILE, (1.0,)),))
    for style in ("", LIGHT, EITHER):
        root = ET.fromstring(svg(given, style))  # noqa: S314 - our own
        assert not [each for each in root.iter() if each.tag.endswith("script")]


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


def places(text: str) -> list[str]:
    root = ET.fromstring(text)  # noqa: S314 - our own
    return [each.findtext("{http://www.w3.org/2000/svg}title") or "" for each in of(root, "rect", "place")]


def test_in_a_page_each_place_says_every_value_and_what_is_unknown() -> None:
    given = replace(lines(1.0, None), series=(Series("web", (1.0, None)), Series("api", (0.25, 12_345.6))))
    assert places(svg(given)) == [
        "week 0: web: 1 EUR a week; api: 0.25 EUR a week",
        "week 1: web: unknown; api: 12,345.6 EUR a week",
    ]
    assert places(svg(given, LIGHT)) == places(svg(given, EITHER)) == [], "a picture cannot be pointed at"


def test_a_document_holds_the_drawing_in_light_and_dark() -> None:
    address = image(chart())
    text = b64decode(address.removeprefix(IMAGE)).decode()
    assert "prefers-color-scheme:dark" in text
    assert "storage" in text
