"""What a model has said of every case in short, and what can be asked of it. Every number is written down by hand."""

from collections.abc import Callable, Mapping

import pytest

from viewer.core.deciding import decision_rule
from viewer.core.labels import Verdict
from viewer.core.shapes.annotations import CaseStatus, Prediction, Proposal
from viewer.core.shapes.kinds.box import Box
from viewer.project.case_query import CaseQuery, read_query
from viewer.project.edit_builders import (
    add_annotation,
    add_label,
    rename_label,
    say_image_label,
    set_status,
)
from viewer.project.project import Project
from viewer.project.records import NewImage
from viewer.project.said.orders import in_order
from viewer.project.said.reading import said_of_cases
from viewer.project.said.short import Short, labelled_by, short_of_prediction, together

MODEL, OTHER = "m" * 64, "n" * 64
BOX = Box(x0_px=2, y0_px=2, x1_px=9, y1_px=9)


def answer(
    image_id: str, scores: Mapping[str, float], *, exclusive: bool = True, cut: float = 0.3, name: str = "",
    model: str = MODEL, seen: str = "", kind: str = "classification", boxes: tuple[tuple[str, float], ...] = (),
    labels: tuple[str, ...] = (),
) -> Prediction:  # fmt: skip
    key = name or f"{model[0]}-{image_id[:12]}"
    return Prediction(
        prediction_id=key, image_id=image_id, model_hash=model, model_name="run-a", kind=kind, created="2026-11-30",
        threshold=cut, scores=dict(scores), labels=labels or tuple(scores), exclusive=exclusive, seen=seen,
        proposals=tuple(
            Proposal(proposal_id=f"{key}-{place}", prediction_id=key, image_id=image_id, label=label, score=score,
                     shape=BOX)
            for place, (label, score) in enumerate(boxes)
        ),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "labels", "exclusive", "scores", "cut", "leading", "margin"),
    [
        # Of two that exclude each other the second is held against the cut: 0.35 is 0.05 above 0.3.
        ("classification", ("Normal", "Ill"), True, {"Normal": 0.65, "Ill": 0.35}, 0.3, "Ill", 0.05),
        ("classification", ("Normal", "Ill"), True, {"Normal": 0.9, "Ill": 0.1}, 0.3, "Ill", 0.2),
        # Of three the highest decides: 0.5 and 0.3 lie 0.2 apart, and no cut counts.
        ("classification", ("A", "B", "C"), True, {"A": 0.2, "B": 0.5, "C": 0.3}, 0.3, "B", 0.2),
        # Each for itself: 0.1 is 0.4 below the cut, 0.65 is 0.15 above it.
        ("classification", ("A", "B"), False, {"A": 0.1, "B": 0.65}, 0.5, "B", 0.15),
        ("detection", ("A",), False, {"A": 0.8}, 0.35, "A", 0.45),
        ("segmentation", ("A",), False, {"A": 0.8}, 0.35, "A", None),
        ("classification", ("A", "B", "C"), True, {}, 0.3, "", None),
    ],
)  # fmt: skip
def test_one_score_stands_for_an_answer_and_how_far_it_is_from_another_one(
    kind: str, labels: tuple[str, ...], exclusive: bool, scores: dict[str, float], cut: float, leading: str,
    margin: float | None,
) -> None:  # fmt: skip
    rule = decision_rule(kind, labels, exclusive=exclusive)

    assert rule.leading(scores) == leading
    assert rule.margin(scores, cut) == (None if margin is None else pytest.approx(margin))


def test_what_people_say_is_compared_as_far_as_they_said_it() -> None:
    of_image = decision_rule("classification", ("Normal", "Ill"), exclusive=True)
    verdicts = {"Ill": Verdict.UNCERTAIN, "Normal": Verdict.NO, "Old": Verdict.YES}
    boxes = decision_rule("detection", ("Mass", "Node"), exclusive=False)
    number = decision_rule("regression", ("age",), exclusive=False)

    def labelled(*, looked_at: bool, later: tuple[str, ...] = ()) -> dict[str, bool]:
        return labelled_by(boxes, boxes.labels, {}, {"Mass"}, looked_at=looked_at, later=later)

    assert labelled_by(of_image, of_image.labels, verdicts, (), looked_at=True) == {"Normal": False}
    assert labelled(looked_at=False) == {"Mass": True}, "what is not drawn in an open case is not known"
    assert labelled(looked_at=True) == {"Mass": True, "Node": False}
    assert labelled(looked_at=True, later=("Node",)) == {"Mass": True}, "it was not asked for then"
    assert labelled_by(number, number.labels, verdicts, {"age"}, looked_at=True) == {}
    unlabelled = short_of_prediction(answer("i" * 64, {"Normal": 0.2, "Ill": 0.8}), {})
    assert unlabelled.differs is None, "nothing was said that it could differ from"


@pytest.fixture
def films(project: Project) -> list[str]:
    """The first images of the eight cases; whole-image labels Normal and Ill are asked for."""
    for label in ("Normal", "Ill"):
        project.history.do(add_label(label, "image", project.labels))
    return [row.first_image_id for row in project.cases.all()]


def by_image(project: Project, films: list[str], model: str = MODEL) -> dict[int, Short]:
    found = said_of_cases(project, model)
    case_of = {project.images.get(image_id).case_id: place for place, image_id in enumerate(films)}
    assert {case_of[case_id] for case_id in found.cases} == {case_of[case_id] for case_id in found.images}
    return {case_of[case_id]: short for case_id, short in found.cases.items()}


def say(project: Project, image_id: str, label: str, verdict: Verdict) -> None:
    project.history.do(say_image_label(image_id, label, before=None, after=verdict))


def test_every_case_has_the_newest_answer_of_the_model_that_is_asked(project: Project, films: list[str]) -> None:
    project.predictions.add(answer(films[0], {"Normal": 0.1, "Ill": 0.9}, name="older"))
    project.predictions.add(answer(films[0], {"Normal": 0.8, "Ill": 0.2}, name="newer"))
    project.predictions.add(answer(films[1], {"Normal": 0.6, "Ill": 0.4}, seen="trained on"))
    project.predictions.add(answer(films[2], {"Normal": 0.0, "Ill": 1.0}, model=OTHER))
    say(project, films[0], "Ill", Verdict.YES)
    say(project, films[1], "Ill", Verdict.YES)

    found = by_image(project, films)

    assert sorted(found) == [0, 1]
    assert (found[0].label, found[0].score, found[0].said, found[0].differs) == ("Ill", 0.2, {"Normal"}, ("Ill",))
    assert found[0].margin == pytest.approx(0.1) and found[0].seen == ""
    assert (found[1].score, found[1].differs, found[1].seen) == (0.4, (), "trained on")
    assert by_image(project, films, OTHER)[2].differs is None


def test_a_label_that_was_renamed_is_compared_under_its_present_name(project: Project, films: list[str]) -> None:
    say(project, films[0], "Ill", Verdict.YES)
    project.predictions.add(answer(films[0], {"Normal": 0.8, "Ill": 0.2}))
    ill = next(one for one in project.labels if one.name == "Ill")
    project.history.do(rename_label(ill, "Pneumonia"))

    (found,) = by_image(project, films).values()

    assert (found.label, found.score, found.differs) == ("Pneumonia", 0.2, ("Pneumonia",))


def test_boxes_are_compared_by_what_is_there_and_not_by_where(project: Project, films: list[str]) -> None:
    for label in ("Mass", "Node"):
        project.history.do(add_label(label, "region", project.labels))
    project.history.do(add_annotation(films[0], "Mass", BOX, author="Ada"))
    project.history.do(add_annotation(films[1], "Mass", BOX, author="Ada"))
    for film in (films[0], films[2]):
        case = project.cases.get(project.images.get(film).case_id)
        project.history.do(set_status(case, CaseStatus.COMPLETE))
    made = {
        0: (("Mass", 0.8), ("Mass", 0.36), ("Node", 0.2)),  # cut 0.35: Mass is said, Node is not; 0.36 is the nearest
        1: (("Node", 0.9),),  # Mass is drawn and not said; whether there is a Node is open
        2: (("Node", 0.9),),  # nothing is there, it was looked
        3: (),
    }
    for place, boxes in made.items():
        given = answer(films[place], {}, kind="detection", exclusive=False, cut=0.35, boxes=boxes,
                       labels=("Mass", "Node"))  # fmt: skip
        project.predictions.add(given)

    found = by_image(project, films)

    assert {place: short.differs for place, short in found.items()} == {0: (), 1: ("Mass",), 2: ("Node",), 3: None}
    assert (found[0].label, found[0].score, dict(found[0].scores)) == ("Mass", 0.8, {"Mass": 0.8, "Node": 0.2})
    assert found[0].margin == pytest.approx(0.01) and found[3].score is None and found[3].margin is None
    kept = {place: project.predictions.latest(films[place]) for place in made}
    labelled = {0: {"Mass": True, "Node": False}, 1: {"Mass": True}, 2: {"Mass": False, "Node": False}, 3: {}}
    in_memory = {place: short_of_prediction(one, labelled[place]) for place, one in kept.items() if one is not None}
    assert in_memory == found, "the window makes of one answer what the database makes of all"


def test_the_images_of_a_case_are_taken_together(project: Project, new_image: Callable[..., NewImage]) -> None:
    project.images.register(
        [new_image(60 + place, "S", series_id="S", study_uid="1.2", of_stack=True) for place in range(3)]
    )
    images = project.images.all()[-3:]
    (case_id,) = {one.case_id for one in images}
    project.history.do(add_label("Ill", "image", project.labels))
    say(project, images[0].image_id, "Ill", Verdict.YES)
    for one, (score, seen) in zip(images, ((0.4, ""), (0.9, "validated on"), (0.45, "trained on")), strict=True):
        project.predictions.add(answer(one.image_id, {"Ill": score}, exclusive=False, cut=0.5, seen=seen))

    found = said_of_cases(project, MODEL)

    (short,) = found.cases.values()
    assert set(found.images[case_id]) == {one.image_id for one in images}
    assert (short.label, short.score, short.seen, short.differs) == ("Ill", 0.9, "trained on", ("Ill",))
    assert short.margin == pytest.approx(0.05), "the image whose answer is the nearest to another one"


def test_a_case_agrees_where_the_images_do_of_which_people_said_anything() -> None:
    def differs(*several: tuple[str, ...] | None) -> tuple[str, ...] | None:
        short = together(Short(scores={}, said=frozenset(), differs=one) for one in several)
        return None if short is None else short.differs

    assert differs(None, ()) == () and differs((), ("A",), ("B", "A")) == ("A", "B")
    assert differs(None, None) is None and together([]) is None


SHORTS = {
    "high": Short(scores={"Normal": 0.1, "Ill": 0.9}, said=frozenset({"Ill"}), label="Ill", margin=0.6, differs=()),
    "edge": Short(scores={"Normal": 0.2, "Ill": 0.8}, said=frozenset({"Ill"}), label="Ill", margin=0.5, differs=None),
    "near": Short(scores={"Normal": 0.65, "Ill": 0.35}, said=frozenset({"Ill"}), label="Ill", margin=0.05,
                  differs=("Ill", "Normal")),
    "low": Short(scores={"Normal": 0.98, "Ill": 0.02}, said=frozenset({"Normal"}), label="Ill", margin=0.28,
                 differs=("Ill",)),
    "mask": Short(scores={}, said=frozenset()),
}  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "fits"),
    [
        ("score>0.8", ["high"]), ("score>=0.8", ["high", "edge"]), ("score<0.35", ["low"]),
        ("score<=.35", ["near", "low"]), ("score:0.35..0.8", ["edge", "near"]), ("SCORE>0.8", ["high"]),
        ("score(normal)>0.6", ["near", "low"]), ("score(Ill)>0.3 score<0.85", ["edge", "near"]),
        ("disagrees", ["near", "low"]), ("disagrees(normal)", ["near"]), ("uncertain", ["near"]),
        ("uncertain<0.3", ["near", "low"]), ("disagrees uncertain", ["near"]),
    ],
)  # fmt: skip
def test_a_key_of_the_filter_takes_the_cases_that_it_says(typed: str, fits: list[str]) -> None:
    query = read_query(f"film {typed}")

    assert (query.text, query.wrong, query.parts) == ("film", "", ())
    assert [name for name, short in SHORTS.items() if query.fits_said(short)] == fits
    assert not query.fits_said(None), "what was not answered fits no key"


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("score>high", "“score>high” cannot be asked for: “high” is no number from 0 to 1."),
        ("score>", "“score>” cannot be asked for: a number is missing."),
        ("score<1.2", "“score<1.2” cannot be asked for: “1.2” is no number from 0 to 1."),
        ("score>nan", "“score>nan” cannot be asked for: “nan” is no number from 0 to 1."),
        ("score:0.4", "“score:0.4” cannot be asked for: it does not say which scores."),
        ("score:0.9..0.1", "“score:0.9..0.1” cannot be asked for: it begins above its end."),
        ("disagrees>2", "“disagrees>2” cannot be asked for: nothing is compared behind it."),
        ("uncertain:x", "“uncertain:x” cannot be asked for: “:x” is no number from 0 to 1."),
    ],
)
def test_a_key_that_cannot_be_read_gives_one_sentence_and_is_no_word_to_find(typed: str, why: str) -> None:
    query = read_query(f"{typed} film")

    assert query.wrong.startswith(f"{why} It is written ")
    assert (query.text, query.said) == ("film", ())


def test_words_that_only_begin_like_a_key_are_found_as_words() -> None:
    assert read_query("scores.csv uncertainty score") == CaseQuery(text="scores.csv uncertainty score")
    both = read_query("score(Lung opacity)>0.5 part:test left lung")
    assert (both.text, len(both.said), both.parts) == ("left lung", 1, (frozenset({"test"}),))
    assert both.why_none_said(("Lung opacity",)) == ""
    assert both.why_none_said(("A", "B")) == "The model has no label “Lung opacity”; it has A, B."


def test_cases_are_sorted_with_those_that_have_no_answer_last() -> None:
    rows = ["none", "low", "near", "mask", "high", "edge"]

    def sorted_by(order: str) -> list[str]:
        return in_order(rows, order, SHORTS.get)

    assert sorted_by("filed") == rows
    assert sorted_by("score") == ["high", "edge", "near", "low", "none", "mask"]
    assert sorted_by("uncertainty") == ["near", "low", "edge", "high", "none", "mask"]
    assert sorted_by("disagreement") == ["near", "low", "high", "none", "mask", "edge"]
