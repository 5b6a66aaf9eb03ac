"""What a curve's picture says to who looks at it: read back by its own axes, as a person reads a value off a chart."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from xml.etree import ElementTree

import numpy as np
import pytest

from ml.evaluation.curve_picture import curve_svg
from ml.evaluation.curves import BLAND_ALTMAN, FROC, LOSS, PRECISION, RELIABILITY, ROC, SCATTER, Curve, Line

SVG = "{http://www.w3.org/2000/svg}"
SMALL_PX, TITLE_PX = 11, 13  # the two sizes of letters
DIGIT_PX = 0.72 * SMALL_PX  # the height of a digit and of a capital in the usual sans serif fonts


@dataclass(frozen=True)
class Word:
    """A text of the picture. x: its start, middle or end by `anchor`; y: the line that it stands on; both in px."""

    text: str
    x: float
    y: float
    size: int
    anchor: str
    turned: str


class Picture:
    """A curve's picture taken apart: its plot's edges, the numbers at its axes, its dots and its lines, in px."""

    def __init__(self, curve: Curve) -> None:
        root = ElementTree.fromstring(curve_svg(curve))
        self.wide, self.high = float(root.attrib["width"]), float(root.attrib["height"])
        ground = next(root.iter(f"{SVG}rect")).attrib
        assert (float(ground["width"]), float(ground["height"])) == (self.wide, self.high), "the ground is all of it"
        self.words = [
            Word(
                str(one.text), float(one.attrib["x"]), float(one.attrib["y"]), int(one.attrib["font-size"]),
                one.attrib["text-anchor"], one.attrib.get("transform", ""),
            )
            for one in root.iter(f"{SVG}text")
        ]  # fmt: skip
        self.dots = [(float(one.attrib["cx"]), float(one.attrib["cy"])) for one in root.iter(f"{SVG}circle")]
        drawn = [dict(one.attrib) for one in root.iter(f"{SVG}path")]
        grid = [re.fullmatch(r"M(\S+) (\S+)H(\S+)", one["d"]) for one in drawn]
        at = [tuple(map(float, found.groups())) for found in grid if found]
        self.left, self.right = {x for x, _, _ in at}.pop(), {end for *_, end in at}.pop()
        self.steps = [y for _, y, _ in at]
        self.top, self.bottom = min(self.steps), max(self.steps)
        self.lines = [
            [(float(x), float(y)) for x, y in re.findall(r"([-\d.]+) ([-\d.]+)", one["d"])]
            for one in drawn
            if "H" not in one["d"] and "h" not in one["d"] and one.get("stroke-dasharray") != "2 4"
        ]
        self.diagonals = [one["d"] for one in drawn if one.get("stroke-dasharray") == "2 4"]
        small = [one for one in self.words if one.size == SMALL_PX]
        self.up = [one for one in small if one.anchor == "end"]
        # The numbers below the plot; under them stands what goes to the right.
        self.below = [one for one in small if one.anchor == "middle" and not one.turned and one.y > self.bottom]
        self.across = self.below.pop(max(range(len(self.below)), key=lambda place: self.below[place].y))

    def read(self, points: list[tuple[float, float]]) -> list[tuple[float, float]]:
        """What these places mean by the first and the last number of each axis."""
        x = _scale([(one.x, float(one.text)) for one in self.below])
        y = _scale(list(zip(self.steps, (float(one.text) for one in self.up), strict=True)))
        return [(x(one), y(two)) for one, two in points]


def _scale(numbers: list[tuple[float, float]]) -> Callable[[float], float]:
    (first, low), (last, high) = numbers[0], numbers[-1]
    for place, value in numbers:  # each number stands at its place, as far as its three digits tell
        assert low + (place - first) / (last - first) * (high - low) == pytest.approx(value, abs=(high - low) * 0.006)
    return lambda place: low + (place - first) / (last - first) * (high - low)


def ticks(words: list[Word]) -> list[float]:
    return [float(one.text) for one in words]


EIGHT = tuple(np.linspace(0, 1, 8))
CURVES = {
    ROC: Curve(kind=ROC, of="a", lines=(Line(x=EIGHT, y=tuple(np.sqrt(EIGHT))), Line(name="at", x=(0.2,), y=(0.6,)))),
    PRECISION: Curve(kind=PRECISION, of="a", lines=(Line(x=(0.25, 0.5, 1.0), y=(1.0, 0.8, 0.3)),)),
    RELIABILITY: Curve(kind=RELIABILITY, of="a", lines=(Line(x=(0.1, 0.7), y=(0.3, 0.6)), Line(x=(0.4,), y=(0.2,)))),
    LOSS: Curve(
        kind=LOSS, of="run",
        lines=(Line(name="train", x=(1.0, 2.0, 6.0), y=(0.7, 0.5, 0.1)), Line(name="val", x=(2.0, 3.0), y=(0.6, 0.9))),
    ),
    SCATTER: Curve(kind=SCATTER, of="a", lines=(Line(x=(0.0, 60.0, 100.0), y=(10.0, 70.0, 90.0)),)),
    FROC: Curve(kind=FROC, of="a", lines=(Line(x=(0.0, 0.4, 2.5), y=(0.1, 0.5, 0.9)),)),
    BLAND_ALTMAN: Curve(
        kind=BLAND_ALTMAN, of="a",
        lines=(
            Line(x=(10.0, 20.0, 60.0), y=(-3.0, 1.0, 2.0)), Line(name="bias", x=(10.0, 60.0), y=(0.0, 0.0)),
            Line(name="lower", x=(10.0, 60.0), y=(-2.5, -2.5)),
        ),
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", CURVES)
def test_each_point_is_read_off_where_it_is(kind: str) -> None:
    curve = CURVES[kind]
    picture = Picture(curve)
    dotted = {SCATTER: {0}, BLAND_ALTMAN: {0}, RELIABILITY: {0, 1}, ROC: {1}}.get(kind, set())

    lines = [line for number, line in enumerate(curve.lines) if not (number == 0 and kind in (SCATTER, BLAND_ALTMAN))]
    for line, drawn in zip(lines, picture.lines, strict=True):
        np.testing.assert_allclose(picture.read(drawn), list(zip(line.x, line.y, strict=True)), atol=_a_pixel(picture))
    dots = [
        point
        for number in sorted(dotted)
        for point in zip(curve.lines[number].x, curve.lines[number].y, strict=True)
    ]  # fmt: skip
    found = dict.fromkeys(picture.dots)  # a line of one point has a dot of its own over it
    np.testing.assert_allclose(
        np.reshape(picture.read(list(found)), (-1, 2)), np.reshape(dots, (-1, 2)), atol=_a_pixel(picture)
    )


def _a_pixel(picture: Picture) -> float:
    x, y = ticks(picture.below), ticks(picture.up)
    return max((x[-1] - x[0]) / (picture.right - picture.left), (y[-1] - y[0]) / (picture.bottom - picture.top))


@pytest.mark.parametrize(
    ("kind", "across", "up"),
    [
        (ROC, [0, 0.2, 0.4, 0.6, 0.8, 1], [0, 0.2, 0.4, 0.6, 0.8, 1]),
        (PRECISION, [0, 0.2, 0.4, 0.6, 0.8, 1], [0, 0.2, 0.4, 0.6, 0.8, 1]),
        (RELIABILITY, [0, 0.2, 0.4, 0.6, 0.8, 1], [0, 0.2, 0.4, 0.6, 0.8, 1]),
        (LOSS, [1, 2, 3, 4, 5, 6], [0, 0.2, 0.4, 0.6, 0.8, 1]),  # five steps of 0.2 are the least above 0.9
        (SCATTER, [-5, 17, 39, 61, 83, 105], [-5, 17, 39, 61, 83, 105]),  # a twentieth of 100 beyond either end
        (FROC, [0, 0.5, 1, 1.5, 2, 2.5], [0, 0.2, 0.4, 0.6, 0.8, 1]),  # to 2.5, which is five steps of a half
        (BLAND_ALTMAN, [10, 20, 30, 40, 50, 60], [-5, -3, -1, 1, 3, 5]),  # 3.15 is above five steps of a half
    ],
)
def test_the_axes_end_where_people_count(kind: str, across: list[float], up: list[float]) -> None:
    picture = Picture(CURVES[kind])

    assert (ticks(picture.below), ticks(picture.up)) == (across, up)
    assert picture.read([(picture.left, picture.bottom), (picture.right, picture.top)]) == [
        (across[0], up[0]), (across[-1], up[-1]),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("highest", "end"),
    # 5 steps of 1, 2, 2.5, 5 or 10 tens, thousandths and so on: the least end that the curve is not above.
    [(0.0, 1.0), (5.0, 5.0), (5.1, 10.0), (11.0, 12.5), (12.6, 25.0), (26.0, 50.0), (0.0052, 0.01), (4100.0, 5000.0)],
)
def test_losses_of_any_size_have_an_axis_of_round_steps(highest: float, end: float) -> None:
    picture = Picture(Curve(kind=LOSS, of="run", lines=(Line(name="train", x=(1.0, 2.0), y=(highest, 0.0)),)))

    assert ticks(picture.up)[0] == 0 and ticks(picture.up)[-1] == pytest.approx(end)


@pytest.mark.parametrize(
    ("value", "ends"),
    [(40.0, (38.0, 42.0)), (-40.0, (-42.0, -38.0)), (0.0, (-1.0, 1.0))],  # a twentieth of it, or 1 where that is none
)
def test_answers_that_are_all_one_number_have_axes_round_it(value: float, ends: tuple[float, float]) -> None:
    picture = Picture(Curve(kind=SCATTER, of="a", lines=(Line(x=(value, value), y=(value, value)),)))

    assert (ticks(picture.below)[0], ticks(picture.below)[-1]) == ends
    assert (ticks(picture.up)[0], ticks(picture.up)[-1]) == ends
    assert picture.dots == [pytest.approx(((picture.left + picture.right) / 2, (picture.top + picture.bottom) / 2))] * 2


def test_one_epoch_alone_is_drawn_as_a_dot_in_the_plot() -> None:
    picture = Picture(Curve(kind=LOSS, of="run", lines=(Line(name="train", x=(3.0,), y=(0.5,)),)))

    (dot,) = picture.dots
    assert picture.left <= dot[0] <= picture.right and dot[1] == pytest.approx(picture.top)  # the axis ends at 0.5
    assert {one.text for one in picture.below} == {"3"}


def test_between_two_epochs_no_half_one_is_named() -> None:
    picture = Picture(Curve(kind=LOSS, of="run", lines=(Line(name="train", x=(1.0, 2.0), y=(1.0, 0.5)),)))

    assert ticks(picture.below) == [1, 2]


@pytest.mark.parametrize("kind", CURVES)
def test_words_stand_beside_what_they_name_and_over_nothing(kind: str) -> None:
    curve = CURVES[kind]
    picture = Picture(curve)
    middle = (picture.left + picture.right) / 2, (picture.top + picture.bottom) / 2

    for word, step in zip(picture.up, picture.steps, strict=True):
        assert 2 <= picture.left - word.x <= 10, "a number ends just left of its line"
        assert word.y - DIGIT_PX / 2 == pytest.approx(step, abs=0.5), "which runs through its middle"
    for word in picture.below:
        assert SMALL_PX < word.y - picture.bottom < 2 * SMALL_PX, "numbers stand right below the plot"
    assert picture.across.text == curve.axes[0] and picture.across.x == middle[0]
    numbers = max(word.y for word in picture.below)
    assert numbers + SMALL_PX < picture.across.y < numbers + 2 * SMALL_PX, "then what they are"
    assert picture.across.y + 3 < picture.high < picture.across.y + SMALL_PX, "and the picture ends below that"
    (up,) = [word for word in picture.words if word.turned]
    assert up.text == curve.axes[1] and up.turned == f"rotate(-90 {up.x:.0f} {middle[1]:.0f})"
    assert (up.y, up.anchor) == (middle[1], "middle") and SMALL_PX <= up.x < picture.left - 3 * SMALL_PX
    title = [word for word in picture.words if word.size == TITLE_PX]
    assert [word.x for word in title] == [picture.left] * len(title) and title[0].y >= TITLE_PX
    assert picture.right < picture.wide and picture.left > 0


def test_a_name_stands_at_a_piece_of_its_own_line() -> None:
    root = ElementTree.fromstring(curve_svg(CURVES[LOSS]))
    pieces = [one for one in root.iter(f"{SVG}path") if "h" in one.attrib["d"]]
    whole = [one for one in root.iter(f"{SVG}path") if "L" in one.attrib["d"]]
    words = {str(one.text): one.attrib for one in root.iter(f"{SVG}text")}

    for piece, line, name in zip(pieces, whole, ("train", "val"), strict=True):
        drawn = ("stroke", "stroke-width", "stroke-dasharray")
        assert [piece.attrib[each] for each in drawn] == [line.attrib[each] for each in drawn]
        found = re.fullmatch(r"M(\S+) (\S+)h(\S+)", piece.attrib["d"])
        assert found is not None
        x, y, wide = map(float, found.groups())
        assert 2 <= float(words[name]["x"]) - (x + wide) <= 8, "the name begins just right of the piece"
        assert float(words[name]["y"]) - DIGIT_PX / 2 == pytest.approx(y, abs=0.5), "at the same height"
    assert pieces[0].attrib["stroke-dasharray"] != pieces[1].attrib["stroke-dasharray"]
    assert pieces[0].attrib["stroke"] != pieces[1].attrib["stroke"]


@pytest.mark.parametrize("kind", CURVES)
def test_a_diagonal_runs_from_corner_to_corner_where_it_means_something(kind: str) -> None:
    picture = Picture(CURVES[kind])

    if kind not in (ROC, SCATTER, RELIABILITY):
        assert picture.diagonals == []
        return
    (diagonal,) = picture.diagonals
    ends = [tuple(map(float, end.split())) for end in diagonal.removeprefix("M").split("L")]
    assert ends == [(picture.left, picture.bottom), (picture.right, picture.top)]
