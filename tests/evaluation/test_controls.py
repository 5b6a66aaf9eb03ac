"""Controls as strong as they can be had: a weak one flatters the model."""

from types import SimpleNamespace

import numpy as np
import pytest

from ml.data.header_numbers import header_number
from ml.evaluation.boxes import hits
from ml.evaluation.control_rows import CONTROLS, columns, covered, seen
from ml.evaluation.control_rows.mean_box import mean_box
from ml.evaluation.control_rows.mean_mask import mean_mask
from ml.evaluation.control_rows.seen import Learnt
from ml.evaluation.controls import class_controls, mask_controls, number_controls, told_controls
from ml.evaluation.metrics import auc
from viewer.core.labels import Verdict
from viewer.core.shapes.kinds.box import Box
from viewer.core.shapes.kinds.mask import MaskRuns

SIDE = 16
MOST_FREQUENT, PIXELS, FACTS = "most frequent class", "logistic regression on 32x32", "header facts only"
VIEW, STORAGE = "view alone", "how it is stored"
COVERED, SHUFFLED = "32x32 with the middle covered", "32x32 on shuffled labels"
ALWAYS = {MOST_FREQUENT, PIXELS, FACTS, COVERED, SHUFFLED}


def rows(first: int, last: int) -> np.ndarray:
    return np.arange(first, last)


def learnt(fit: np.ndarray, cut_on: np.ndarray | None = None) -> Learnt:
    return Learnt.of(fit, rows(0, 0) if cut_on is None else cut_on)


def said(sick: bool) -> dict[str, Verdict]:
    return {"sick": Verdict.YES if sick else Verdict.NO, "well": Verdict.NO if sick else Verdict.YES}


def test_the_most_frequent_class_has_its_share_of_the_cases_it_was_fitted_on(data_of, film_of) -> None:
    sick = [True, False, False, False, True, True]
    films = [film_of(i, labels=said(s), tags={"ViewPosition": "PA"}) for i, s in enumerate(sick)]
    data = data_of(films, "classification", ("well", "sick"), exclusive=True, storage=[{"bits": "8"}] * 6)

    found = class_controls(data, learnt(rows(0, 4)), rows(4, 6))
    scores, cut = found[MOST_FREQUENT]

    assert set(found) == ALWAYS, "all are stored alike and of one view: nothing to guess by"
    assert scores.tolist() == [[0.75, 0.25]] * 2
    assert not (scores[:, 1] >= cut).any()


def test_unknown_labels_have_no_part_in_the_share() -> None:
    truth = np.array([[1.0, np.nan], [0.0, np.nan], [1.0, 1.0]])

    assert seen.column_wise(np.mean, truth) == pytest.approx(np.array([2 / 3, 1.0]))
    assert seen.column_wise(np.mean, np.full((2, 1), np.nan)).tolist() == [0.0]


def test_pixels_and_header_alone_find_what_they_can(data_of, film_of) -> None:
    rng = np.random.default_rng(0)
    sick = np.arange(40) % 2 == 1
    films = [
        film_of(
            i, labels=said(s), tags={"PatientAge": f"{60 + 9 * s + i % 3:03d}Y", "ViewPosition": "AP" if s else "PA"}
        )
        for i, s in enumerate(sick.tolist())
    ]
    pixels = rng.random((40, SIDE, SIDE)) * 0.3 + sick[:, None, None] * 0.4
    data = data_of(films, "classification", ("well", "sick"), exclusive=True, pixels=pixels,
                   storage=[{"bits": "8" if s else "12"} for s in sick])  # fmt: skip

    found = class_controls(data, learnt(rows(0, 28)), rows(28, 40))

    assert set(found) == ALWAYS | {VIEW, STORAGE}
    for who in (PIXELS, FACTS, VIEW, STORAGE):
        scores, cut = found[who]
        assert auc(sick[28:], scores[:, 1]) == 1.0, who
        assert ((scores[:, 1] >= cut) == sick[28:]).all(), who
        assert scores.sum(axis=1) == pytest.approx(np.ones(12))


def test_controls_learn_nothing_from_the_cases_that_are_judged(data_of, film_of) -> None:
    sick = np.arange(24) % 2 == 1
    pixels = np.random.default_rng(0).random((24, SIDE, SIDE)) * 0.5 + sick[:, None, None] * 0.3

    def scores(test_sick) -> dict:
        told = [*sick[:16], *test_sick]
        films = [film_of(i, labels=said(bool(s))) for i, s in enumerate(told)]
        data = data_of(films, "classification", ("well", "sick"), exclusive=True, pixels=pixels)
        return class_controls(data, learnt(rows(0, 16)), rows(16, 24))

    one, other = scores(sick[16:]), scores(~sick[16:])

    assert set(one) == ALWAYS
    for who in one:
        assert np.array_equal(one[who][0], other[who][0])
        assert one[who][1] == other[who][1]


def test_controls_learn_from_the_training_part_alone_and_take_their_cut_from_validation(data_of, film_of) -> None:
    """By hand: nobody of the six of training is sick, all of the four of validation are; of the two judged one is."""
    sick = [False] * 6 + [True] * 4 + [True, False]
    views = ["PA", "AP"] * 6
    films = [film_of(i, labels=said(s), tags={"ViewPosition": views[i]}) for i, s in enumerate(sick)]
    data = data_of(films, "classification", ("well", "sick"), exclusive=True)

    found = class_controls(data, learnt(rows(0, 6), rows(6, 10)), rows(10, 12))

    scores, cut = found[MOST_FREQUENT]
    assert scores.tolist() == [[1.0, 0.0]] * 2, "with validation it would be 0.4 sick"
    assert cut <= 0.0, "of validation all are right where everybody is called sick"


def test_the_cut_of_a_control_is_that_of_cases_it_did_not_learn(data_of, film_of) -> None:
    """Noise that a linear model learns by heart: of its own cases any cut is right, of others none is by much."""
    rng = np.random.default_rng(1)
    sick = rng.random(120) < 0.2
    films = [film_of(i, labels=said(bool(s))) for i, s in enumerate(sick)]
    data = data_of(films, "classification", ("well", "sick"), exclusive=True, pixels=rng.random((120, SIDE, SIDE)))
    of = learnt(rows(0, 40), rows(40, 80))

    scores, cut = class_controls(data, of, rows(40, 80))[PIXELS]

    told = [((scores[:, 1] >= at) == sick[40:80]).mean() for at in (cut, *np.linspace(0, 1, 501))]
    assert told[0] == max(told), "the best cut of validation itself"


def test_drawn_controls_learn_from_the_training_part_and_are_cut_on_validation(data_of, film_of) -> None:
    """By hand: of ten training films nine have the left half, one the whole; the one of validation has the whole. The
    mean is 1 on the left and 0.1 on the right: with itself it is best cut above 0.1, with validation below."""
    left, whole = np.zeros((SIDE, SIDE), bool), np.ones((SIDE, SIDE), bool)
    left[:, : SIDE // 2] = True
    films = [film_of(i, masks=(("x", MaskRuns.from_array(mask)),)) for i, mask in enumerate([left] * 9 + [whole] * 3)]
    data = data_of(films, "segmentation", ("x",))

    def judged(of: Learnt) -> float:
        return float(mask_controls(data, of, rows(11, 12))["mean mask"].dice[0, 0])

    assert judged(learnt(rows(0, 10), rows(10, 11))) == 1.0
    assert judged(learnt(rows(0, 10))) == pytest.approx(2 / 3), "half of it: 2 * 1/2 / (1/2 + 1)"


def test_one_class_alone_is_said_of_every_case(data_of, film_of) -> None:
    films = [film_of(i, labels={"x": Verdict.YES, "y": Verdict.NO if i % 2 else Verdict.YES}) for i in range(8)]
    data = data_of(films, "classification", ("x", "y", "z"))

    scores, _ = class_controls(data, learnt(rows(0, 6)), rows(6, 8))[PIXELS]

    assert scores[:, 0].tolist() == [1.0, 1.0]
    assert scores[:, 2].tolist() == [0.0, 0.0]
    assert ((scores[:, 1] > 0) & (scores[:, 1] < 1)).all()


def test_exclusive_scores_of_three_labels_sum_to_one(data_of, film_of) -> None:
    films = [film_of(i, labels={"abc"[i % 3]: Verdict.YES}) for i in range(12)]
    pixels = np.zeros((12, SIDE, SIDE))
    for i in range(12):
        pixels[i, :, 5 * (i % 3) : 5 * (i % 3) + 5] = 1
    data = data_of(films, "classification", ("a", "b", "c"), exclusive=True, pixels=pixels)

    scores, _ = class_controls(data, learnt(rows(0, 9)), rows(9, 12))[PIXELS]

    assert scores.sum(axis=1) == pytest.approx(np.ones(3))
    assert scores.argmax(axis=1).tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    ("text", "years"),
    [("034Y", 34.0), ("018M", 1.5), ("026W", 0.5), ("073D", 0.2), (" 41 ", 41.0), ("034y", 34.0), ("", -1.0),
     ("old", -1.0), ("1e999", -1.0), ("-1e999", -1.0), ("nan", -1.0), ("infY", -1.0), ("1e300", -1.0),
     ("1000000", 1e6), ("1000001", -1.0)],
)  # fmt: skip
def test_an_age_or_size_that_is_no_number_is_not_known(text: str, years: float) -> None:
    assert header_number(text) == pytest.approx(years)


def test_a_header_with_an_infinite_age_is_still_fitted(data_of, film_of) -> None:
    films = [film_of(i, labels=said(i % 2 == 1), tags={"PatientAge": "1e999" if i else "nan"}) for i in range(8)]
    data = data_of(films, "classification", ("well", "sick"), exclusive=True)

    assert all(np.isfinite(scores).all() for scores, _ in class_controls(data, learnt(rows(0, 6)), rows(6, 8)).values())


def test_header_facts_are_numbers_sizes_and_words(film_of) -> None:
    items = [
        film_of(0, tags={"PatientAge": "050Y", "orig_width": "1024", "PatientSex": "F"}),
        film_of(1, tags={"PatientSex": "M", "ViewPosition": "AP"}),
    ]

    sizes = [SimpleNamespace(rows=10, cols=20), SimpleNamespace(rows=30, cols=15)]
    data = SimpleNamespace(items=items, cache=SimpleNamespace(inverses=sizes))

    facts = columns.header_facts(data, np.arange(2))

    assert facts.tolist() == [
        [10, 20, 2.0, 50, 1024, -1, 1, 0, 1, 0],
        [30, 15, 0.5, -1, -1, -1, 0, 1, 0, 1],
    ]


def strips(*places: int) -> np.ndarray:
    """(row, col) with the named fifths of the columns 1..15 filled."""
    mask = np.zeros((SIDE, SIDE), bool)
    for place in places:
        mask[:, 1 + 3 * (place % 5) : 4 + 3 * (place % 5)] = True
    return mask


def test_the_mean_mask_is_cut_where_it_is_best_on_the_masks_it_was_made_of(data_of, film_of) -> None:
    # Each of five masks holds two of five strips, so the mean is 0.4 in all: a cut at 0.5 would leave nothing.
    films = [film_of(i, masks=(("x", MaskRuns.from_array(strips(i, i + 1))),)) for i in range(6)]
    data = data_of(films, "segmentation", ("x",))

    found = mean_mask(data, rows(0, 5), rows(5, 6))

    assert found.dice.tolist() == [[pytest.approx(2 * 2 / (2 + 5), abs=0.01)]]
    assert found.present.tolist() == [[True]]


def test_each_label_of_a_mean_mask_has_its_own_cut(data_of, film_of) -> None:
    # "often" is in all films, with an edge of 0.25 that should not count; "seldom" is 0.4 as above.
    films = []
    for i in range(20):
        often = strips(0, 1) if i % 4 == 0 else strips(0)
        films.append(film_of(i, masks=(("often", MaskRuns.from_array(often)),
                                       ("seldom", MaskRuns.from_array(strips(i, i + 1))))))  # fmt: skip
    data = data_of([*films, film_of(21, masks=(("often", MaskRuns.from_array(strips(0))),
                                               ("seldom", MaskRuns.from_array(strips(2, 3)))))],
                   "segmentation", ("often", "seldom"))  # fmt: skip

    dices = mean_mask(data, rows(0, 20), rows(20, 21)).dice

    assert dices[0, 0] == 1.0
    assert dices[0, 1] == pytest.approx(4 / 7, abs=0.01)


def test_a_label_that_nobody_drew_has_an_empty_mean_mask(data_of, film_of) -> None:
    films = [film_of(i, complete=i == 2, masks=(("x", MaskRuns.from_array(strips(0))),)) for i in range(3)]
    data = data_of(films, "segmentation", ("x", "y"))

    found = mean_mask(data, rows(0, 2), rows(2, 3))

    assert found.dice[0, 0] == 1.0 and np.isnan(found.dice[0, 1])  # both empty
    assert (found.present.tolist(), found.answered.tolist()) == ([[True, False]], [[True, False]])
    unknown = mean_mask(data, rows(2, 3), rows(0, 1))
    assert np.isnan(unknown.dice[0, 1]) and unknown.known.tolist() == [[True, False]]


def test_controls_without_a_case_to_learn_from_say_nothing(data_of, film_of) -> None:
    nothing = np.arange(0)
    masks = data_of([film_of(0, masks=(("x", MaskRuns.from_array(strips(0))),))], "segmentation", ("x",))
    boxes = data_of([film_of(0, boxes=(box(0, 0, 9, 9),))], "detection", ("x",))
    classes = data_of([film_of(0, labels={"x": Verdict.YES})], "classification", ("x",))

    assert mean_mask(masks, nothing, rows(0, 1)).dice.tolist() == [[0.0]]
    cases, cut = mean_box(boxes, nothing, rows(0, 1))
    assert (len(cases[0].boxes), len(cases[0].truth), cut) == (0, 1, 0.5)
    of_nothing = class_controls(classes, learnt(nothing), rows(0, 1))
    assert all(scores.tolist() == [[0.0]] for scores, _ in of_nothing.values())


def test_the_regressions_are_those_of_scikit_learn_with_little_freedom() -> None:
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    rng = np.random.default_rng(0)
    truth = np.arange(30) % 2
    x, new = rng.random((30, 5)) + truth[:, None] * 0.4, rng.random((6, 5))
    scaler = StandardScaler().fit(x)

    pixels = LogisticRegression(C=0.1).fit(x, truth).predict_proba(new)[:, 1]
    facts = LogisticRegression(C=0.01).fit(scaler.transform(x), truth).predict_proba(scaler.transform(new))[:, 1]

    assert seen.from_pixels(x, truth, new) == pytest.approx(pixels, abs=1e-4)
    assert seen.from_facts(x, truth, new) == pytest.approx(facts, abs=1e-4)


def box(x0: float, y0: float, x1: float, y1: float, label: str = "x") -> tuple[str, Box]:
    return label, Box(x0_px=x0, y0_px=y0, x1_px=x1, y1_px=y1)


def test_the_mean_box_is_the_mean_in_shares_of_each_picture(data_of, film_of) -> None:
    films = [
        film_of(0, boxes=(box(0, 0, 10, 10),)),
        film_of(1, boxes=(box(40, 20, 80, 40),)),
        film_of(2),
        film_of(3, boxes=(box(10, 10, 30, 30),)),
    ]
    data = data_of(films, "detection", ("x", "y"), sizes=[(20, 20), (40, 80), (20, 20), (100, 200)])

    cases, cut = mean_box(data, rows(0, 3), rows(3, 4))

    assert cases[0].boxes.tolist() == [[50.0, 25.0, 150.0, 75.0]]
    assert cases[0].truth.tolist() == [[10.0, 10, 30, 30]]
    assert (cases[0].labels.tolist(), cases[0].truth_labels.tolist()) == ([0], [0])
    assert cases[0].scores.tolist() == [pytest.approx(2 / 3)]
    assert cut == 0.5  # no box of the training part overlaps the mean by half


def test_the_mean_box_of_a_rare_label_is_shown_where_that_is_best(data_of, film_of) -> None:
    # One picture in four has a box, always there: at a cut of 0.5 it would never be shown.
    films = [film_of(i, boxes=(box(2, 2, 8, 8),) if i % 4 == 0 else ()) for i in range(9)]
    data = data_of(films, "detection", ("x",))

    cases, cut = mean_box(data, rows(0, 8), rows(8, 9))

    assert cases[0].scores.tolist() == [0.25]
    assert cut <= 0.25
    assert hits(cases[0]).tolist() == [True]


def test_a_share_of_pictures_is_no_more_than_one(data_of, film_of) -> None:
    films = [film_of(i, boxes=(box(2, 2, 8, 8), box(3, 3, 9, 9), box(0, 0, 5, 5, "y"))) for i in range(3)]
    data = data_of(films, "detection", ("x", "y"))

    cases, _ = mean_box(data, rows(0, 2), rows(2, 3))

    assert cases[0].scores.tolist() == [1.0, 1.0]
    assert cases[0].boxes.tolist() == [[2.5, 2.5, 8.5, 8.5], [0, 0, 5, 5]]


def test_what_is_covered_tells_nothing_and_what_stands_beside_it_does(data_of, film_of) -> None:
    """A bright middle is the finding; a letter in the corner is a give-away. 20 of 32 pixels are covered each way."""
    sick = np.arange(60) % 2 == 1
    films = [film_of(i, labels=said(bool(s))) for i, s in enumerate(sick)]
    noise = np.random.default_rng(0).random((60, SIDE, SIDE)) * 0.2
    middle, corner = noise.copy(), noise.copy()
    middle[sick, 5:11, 5:11] += 0.6
    corner[sick, :2, :2] += 0.6

    areas = {}
    for name, pixels in (("middle", middle), ("corner", corner)):
        data = data_of(films, "classification", ("well", "sick"), exclusive=True, pixels=pixels)
        found = class_controls(data, learnt(rows(0, 40)), rows(40, 60))
        areas[name] = {who: auc(sick[40:], found[who][0][:, 1]) for who in (PIXELS, COVERED)}

    assert areas["middle"][PIXELS] == areas["corner"][PIXELS] == areas["corner"][COVERED] == 1.0
    assert areas["middle"][COVERED] < 0.8
    stays = covered.outside().reshape(32, 32)
    assert stays.sum() == 32 * 32 - 20 * 20 and not stays[6:26, 6:26].any() and stays[:6].all() and stays[:, 26:].all()


def test_labels_dealt_out_anew_leave_nothing_to_learn_the_same_each_time(data_of, film_of) -> None:
    sick = np.arange(300) % 2 == 1
    films = [film_of(i, labels=said(bool(s))) for i, s in enumerate(sick)]
    pixels = np.random.default_rng(0).random((300, SIDE, SIDE)) * 0.2 + sick[:, None, None] * 0.3
    data = data_of(films, "classification", ("well", "sick"), exclusive=True, pixels=pixels)

    found, again = (class_controls(data, learnt(rows(0, 200)), rows(200, 300)) for _ in range(2))

    assert auc(sick[200:], found[PIXELS][0][:, 1]) == 1.0
    # As many labels as before, and a bright film is not said to be surely sick: scores stay around the share of them.
    assert np.abs(found[SHUFFLED][0][:, 1] - 0.5).max() < 0.2
    for who in found:
        assert np.array_equal(found[who][0], again[who][0]) and found[who][1] == again[who][1], who


def test_numbers_have_the_same_controls(data_of, film_of) -> None:
    truth = np.linspace(0, 1, 60)[:, None]
    films = [film_of(i) for i in range(60)]
    order = np.random.default_rng(3).permutation(60)
    pixels = np.ones((60, SIDE, SIDE)) * truth[order][:, :, None]
    data = data_of(films, "detection", ("x",), pixels=pixels)

    found = number_controls(data, truth[order], rows(0, 40), rows(40, 60))

    off = {who: float(np.abs(numbers - truth[order][40:]).mean()) for who, numbers in found.items()}
    assert set(off) == {
        "training mean", "training median", "linear regression on 32x32", "header facts only", COVERED, SHUFFLED,
    }  # fmt: skip
    assert found["training mean"][0, 0] == pytest.approx(truth[order][:40].mean())
    assert found["training median"][0, 0] == pytest.approx(np.median(truth[order][:40]))
    assert off["linear regression on 32x32"] < 0.01 and off[COVERED] < 0.01
    assert off[SHUFFLED] > 0.15


def test_every_control_says_what_it_tells_or_why_it_is_not_there() -> None:
    from viewer.core.registry import load

    loaded = [load(CONTROLS, name) for name in CONTROLS]
    assert all(20 < len(control.tells) < 250 and not control.tells.endswith(".") for control in loaded)
    told = told_controls(["model", MOST_FREQUENT, PIXELS, FACTS, COVERED, SHUFFLED, VIEW])
    assert "without a header the image's size alone" in next(row["tells"] for row in told if row["name"] == FACTS)
    assert {row["name"]: row["why"] for row in told} == dict.fromkeys(ALWAYS | {VIEW}, "") | {
        STORAGE: "all images are stored alike"
    }
    assert [row["name"] for row in told_controls(["model", "mean mask"])] == ["mean mask"]
    assert [row["name"] for row in told_controls(["model", "mean box"])] == ["mean box"]
    assert told_controls(["model", "training mean", FACTS])[0]["name"] == "training mean"
    assert told_controls(["model"]) == []


def test_small_pictures_stand_in_the_order_that_they_were_asked_in(data_of, film_of) -> None:
    """More than are in memory at once; of each the grey value that it has all over."""
    grey = np.arange(150) / 150
    data = data_of(
        [film_of(i) for i in range(150)], "detection", ("x",), pixels=np.ones((150, SIDE, SIDE)) * grey[:, None, None]
    )
    asked = np.random.default_rng(0).permutation(150)

    small = columns.small_pictures(data, asked)

    assert small.shape == (150, 1024)
    assert small.min(axis=1) == pytest.approx(grey[asked], abs=1e-3)
    assert columns.small_pictures(data, asked[:0]).shape == (0, 1024)
