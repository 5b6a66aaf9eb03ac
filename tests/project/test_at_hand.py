"""What is at hand follows every edit: brought up to date by what an edit touched, it is what a whole reading gives."""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import event

from tests.project.clashes import AGE
from viewer.core.edits import Edit, PatientChange
from viewer.core.errors import BadRequest, NotFound
from viewer.core.labels import Verdict
from viewer.core.shapes.annotations import CaseStatus, Decision, Measurement, Prediction, Proposal
from viewer.core.shapes.kinds.box import Box
from viewer.core.shapes.kinds.mask import MaskRuns
from viewer.core.values import Quantity, Target, TargetKind, Words
from viewer.project import edit_builders as edits
from viewer.project.answers import say
from viewer.project.at_hand import reading
from viewer.project.at_hand.reading import read_changes, read_some, read_whole
from viewer.project.at_hand.values import AtHand, CaseAtHand, Fresh, ImageAtHand
from viewer.project.attributes.edits import declare, removing, rename
from viewer.project.project import Project
from viewer.project.records import CaseRow, NewImage, Task
from viewer.project.taking_out import taking_out

STEPS = 160
Move = Callable[[Project, random.Random, str], Edit]


def _draw(project: Project, draw: random.Random, image_id: str) -> Edit:
    box = Box(x0_px=draw.randrange(20), y0_px=1, x1_px=30 + draw.randrange(9), y1_px=draw.randrange(2, 50))
    return edits.add_annotation(image_id, draw.choice(["nodule", "mass"]), box, author="Ada")


def _mask(project: Project, draw: random.Random, image_id: str) -> Edit:
    pixels = np.zeros((60, 40), bool)
    pixels[draw.randrange(50) :, :7] = True
    return edits.add_annotation(image_id, "lung", MaskRuns.from_array(pixels), author="Ada")


def _stroke(project: Project, draw: random.Random, image_id: str) -> Edit:
    masks = [one for one in project.work.annotations(image_id) if isinstance(one.shape, MaskRuns)]
    if not masks:
        return _mask(project, draw, image_id)
    one = draw.choice(masks)
    assert isinstance(one.shape, MaskRuns)
    before = one.shape.to_array()[5:9, 3:30]
    return edits.paint(one, row0=5, col0=3, before=before, after=~before)


def _remove(project: Project, draw: random.Random, image_id: str) -> Edit:
    there = project.work.annotations(image_id)
    return edits.remove_annotation(draw.choice(there)) if there else _draw(project, draw, image_id)


def _say(project: Project, draw: random.Random, image_id: str) -> Edit:
    label = draw.choice(["normal", "ill"])
    before = project.work.image_labels(image_id).get(label)
    after = draw.choice([one for one in (*Verdict, None) if one is not before])
    return edits.say_image_label(image_id, label, before=before, after=after)


def _measure(project: Project, draw: random.Random, image_id: str) -> Edit:
    points = ((1.0, 2.0), (float(draw.randrange(30)), 9.0))
    name = f"{draw.randrange(1 << 40):032x}"
    return edits.add_measurement(
        Measurement(measurement_id=name, image_id=image_id, kind="length", points_px=points, author="Ada")
    )


def _status(project: Project, draw: random.Random, image_id: str) -> Edit:
    case = project.cases.get(project.images.get(image_id).case_id)
    return edits.set_status(case, draw.choice([one for one in CaseStatus if one is not case.status]))


def _rename(project: Project, draw: random.Random, image_id: str) -> Edit:
    label = draw.choice([one for one in project.labels if one.scope == "region"])
    return edits.rename_label(label, f"{label.name.split()[0]} {draw.randrange(1 << 30)}")


def _patient(project: Project, draw: random.Random, image_id: str) -> Edit:
    before = project.images.get(image_id).patient_id
    change = PatientChange(image_id=image_id, before=before, after=f"Q{draw.randrange(1 << 30)}")
    return Edit(text="give a patient id", image_id=image_id, changes=(change,))


def _take_out(project: Project, draw: random.Random, image_id: str) -> Edit:
    if project.images.count() < 5:
        return _let_in(project, draw, image_id)
    return taking_out(project, [project.cases.get(project.images.get(image_id).case_id)]).edit


def _let_in(project: Project, draw: random.Random, image_id: str) -> Edit:
    outside = project.images.outside(list(project.images.files().values()))
    return edits.add_images(outside) if outside else _draw(project, draw, image_id)


def _reject(project: Project, draw: random.Random, image_id: str) -> Edit:
    left = [one for one in project.work.proposals(image_id) if one.decision is Decision.UNDECIDED]
    return edits.reject(draw.choice(left)) if left else _draw(project, draw, image_id)


def _number(project: Project, draw: random.Random, image_id: str) -> Edit:
    target = Target(kind=TargetKind.IMAGE, target_id=image_id)
    return say(project, target, draw.choice(["age", "age 2"]), Quantity(number=draw.randrange(99), unit="a"))


def _texture(project: Project, draw: random.Random, image_id: str) -> Edit:
    there = project.work.annotations(image_id)
    if not there:
        return _draw(project, draw, image_id)
    target = Target(kind=TargetKind.OBJECT, target_id=draw.choice(there).object_key)
    return say(project, target, "texture", Words(text=f"a text {draw.randrange(99)}"))


def _ask(project: Project, draw: random.Random, image_id: str) -> Edit:
    there = project.attributes
    if there:
        return (
            rename(there[0], draw.choice(["age", "age 2"])) if draw.random() < 0.7 else removing(project, there[0]).edit
        )
    return declare(AGE)


MOVES: tuple[Move, ...] = (
    _number, _texture, _ask, _draw, _draw, _mask, _stroke, _remove, _say, _say, _measure, _status, _status, _rename,
    _patient, _take_out, _let_in, _reject,
)  # fmt: skip


def _without_as_of(at_hand: AtHand) -> AtHand:
    """Revisions tell when something was read, which differs; what was read does not."""
    held = {image_id: replace(image, as_of=0) for image_id, image in at_hand.held.items()}
    cases = {case_id: replace(case, as_of=0) for case_id, case in at_hand.cases.open.items() if case.images}
    drawn = {case_id: labels for case_id, labels in at_hand.cases.drawn.items() if labels}
    rows = replace(at_hand.cases, open=cases, drawn=drawn)
    return replace(
        at_hand, as_of=0, touched={}, held=dict(sorted(held.items())), cases=rows, questions={}, ways={}, unanswered={}
    )


def _predict(project: Project, image_id: str, number: int) -> None:
    prediction_id = f"prediction {number}"
    proposals = tuple(
        Proposal(
            proposal_id=f"{prediction_id}.{place}", prediction_id=prediction_id, image_id=image_id, label="nodule",
            score=0.7, shape=Box(x0_px=1, y0_px=1, x1_px=9, y1_px=9),
        )
        for place in range(9)
    )  # fmt: skip
    project.predictions.add(
        Prediction(
            prediction_id=prediction_id, image_id=image_id, model_hash="m", model_name="a model", kind="detection",
            created="2026-11-29T12:00:00+00:00", threshold=0.5, scores={"nodule": 0.7}, proposals=proposals,
            labels=("nodule",),
        )
    )  # fmt: skip


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.full) for seed in (1, 2))])
def test_following_edits_gives_what_a_whole_reading_gives(project: Project, seed: int) -> None:
    """Any edits, undone and done again: every piece that an edit touches is brought, and nothing else is needed."""
    draw = random.Random(seed)
    project.tasks.put(Task(name="ill or not", kind="classification", labels=("normal", "ill")))
    images = [record.image_id for record in project.images.all()]
    for number, image_id in enumerate(images):
        _predict(project, image_id, number)
    case_ids = [row.case_id for row in project.cases.all()][:3]
    project.history.do(_draw(project, draw, images[0]))
    at_hand = AtHand(author=project.author).taking(read_whole(project, images[:6], case_ids))
    refused = 0

    for _ in range(STEPS):
        try:
            if draw.random() < 0.25:
                edit = project.history.undo() if draw.random() < 0.6 else project.history.redo()
            else:
                there = [record.image_id for record in project.images.all()]
                edit = project.history.do(draw.choice(MOVES)(project, draw, draw.choice(there)))
        except (BadRequest, NotFound):
            refused += 1
            continue
        if edit is not None:
            # An image or a case that is read between the edit and its following tells nothing of the rest.
            if draw.random() < 0.3:
                at_hand = at_hand.taking(read_some(project, draw.sample(images, 1), draw.sample(case_ids, 1)))
            at_hand = at_hand.taking(read_changes(project, at_hand, edit))
            whole = AtHand(author=project.author).taking(
                read_whole(project, list(at_hand.held), list(at_hand.cases.open))
            )
            assert _without_as_of(at_hand) == _without_as_of(whole), edit.text

    assert refused < STEPS / 3, "the walk is refused too often to tell anything"


def test_what_was_read_before_an_edit_does_not_replace_what_came_with_it(project: Project, image_id: str) -> None:
    """A slow read of an image, begun before a gesture, arrives after it: the gesture stays on the screen."""
    late = read_some(project, [image_id])
    at_hand = AtHand().taking(read_whole(project, [image_id]))
    edit = project.history.do(
        edits.add_annotation(image_id, "nodule", Box(x0_px=1, y0_px=1, x1_px=9, y1_px=9), author="Ada")
    )
    at_hand = at_hand.taking(read_changes(project, at_hand, edit))

    assert len(at_hand.taking(late).work.annotations(image_id)) == 1
    assert at_hand.taking(late).undo_step == at_hand.undo_step


def test_an_image_that_is_read_before_a_change_is_followed_hides_nothing_of_it(project: Project, image_id: str) -> None:
    """An import of somebody else is committed, the image on the screen is read, then it is asked what has changed."""
    at_hand = AtHand().taking(read_whole(project, []))
    case = project.cases.get(project.images.get(image_id).case_id)
    project.history.do(edits.set_status(case, CaseStatus.COMPLETE))

    at_hand = at_hand.taking(read_some(project, [image_id]))
    change = read_changes(project, at_hand)

    assert change is not None
    assert at_hand.taking(change).cases.get(case.case_id).status is CaseStatus.COMPLETE


def test_a_whole_reading_that_an_edit_overtook_changes_no_row(project: Project, image_id: str) -> None:
    late = read_whole(project, [image_id])
    case = project.cases.get(project.images.get(image_id).case_id)
    at_hand = AtHand().taking(late)
    edit = project.history.do(edits.set_status(case, CaseStatus.COMPLETE))
    at_hand = at_hand.taking(read_changes(project, at_hand, edit))

    assert at_hand.taking(late).cases.get(case.case_id).status is CaseStatus.COMPLETE


def test_what_is_not_at_hand_is_told_from_what_is_not_there(project: Project, image_id: str) -> None:
    at_hand = AtHand().taking(read_whole(project, ["unknown"]))

    assert at_hand.images.known("unknown") and at_hand.images.find("unknown") is None
    assert not at_hand.images.known(image_id)
    assert at_hand.cases.at_hand(at_hand.cases.all()[0].case_id) is None
    with pytest.raises(NotFound):
        at_hand.cases.get("unknown")


def test_the_screen_and_the_open_cases_stay_when_much_is_looked_at() -> None:
    held = {f"i{number}": ImageAtHand(as_of=1) for number in range(9)}
    at_hand = AtHand().taking(Fresh(as_of=1, told=True, images=held, rows={"c": _row("c"), "d": _row("d")}))
    at_hand = at_hand.taking(
        Fresh(as_of=1, cases={"c": CaseAtHand(as_of=1, images=()), "d": CaseAtHand(as_of=1, images=())})
    )

    kept = at_hand.keeping(["c"], ["i0"], 3)

    assert set(kept.held) == {"i0", "i6", "i7", "i8"}, "the screen's, and the newest three of the others"
    assert kept.cases.at_hand("c") is not None and kept.cases.at_hand("d") is None


def test_hundreds_of_images_are_read_in_a_few_queries(project: Project, new_image: Callable[..., NewImage]) -> None:
    """A series of 300 is brought when it is shown: by image, its 1,500 queries took as long as its pixels."""
    made = [new_image(number, "P", series_id="s", of_stack=True) for number in range(1000, 1300)]
    ids = project.images.register(made)
    asked: list[object] = []
    reading = project.database.reading

    def counted():  # type: ignore[no-untyped-def]  # as `Database.reading`
        asked.append(None)
        return reading()

    project.database.reading = counted  # type: ignore[method-assign]
    assert len(read_some(project, ids).images) == 300
    assert len(asked) < 10


def test_a_case_that_is_completed_has_none_of_its_images_read_again(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its key was waited for as long as its images took to read, on which nothing had changed."""
    case = project.cases.all()[0]
    at_hand = AtHand(author=project.author).taking(read_whole(project, [], [case.case_id]))
    assert at_hand.held
    read: list[str] = []
    read_images = reading._read_images

    def noted(project: Project, image_ids: Sequence[str], as_of: int) -> dict[str, ImageAtHand]:
        read.extend(image_ids)
        return read_images(project, image_ids, as_of)

    monkeypatch.setattr(reading, "_read_images", noted)
    edit = project.history.do(edits.set_status(case, CaseStatus.COMPLETE))
    at_hand = at_hand.taking(read_changes(project, at_hand, edit))
    assert read == []
    assert at_hand.cases.get(case.case_id).status is CaseStatus.COMPLETE

    image_id = case.first_image_id
    at_hand = replace(at_hand, held={})
    edit = project.history.do(edits.set_status(at_hand.cases.get(case.case_id), CaseStatus.TO_DO))
    read_changes(project, at_hand, edit)
    assert image_id in read, "one that is not at hand comes with its case"


def test_what_follows_a_gesture_is_read_in_one_transaction(project: Project, image_id: str) -> None:
    """Each of its questions began one of its own, and each could see another state of the project."""
    at_hand = AtHand(author=project.author).taking(read_whole(project, [image_id]))
    box = Box(x0_px=1, y0_px=1, x1_px=9, y1_px=9)
    edit = project.history.do(edits.add_annotation(image_id, "nodule", box, author="Ada"))
    begun: list[object] = []
    event.listen(project.database._reader.engine, "begin", begun.append)

    assert read_changes(project, at_hand, edit) is not None
    assert len(begun) == 1
    with pytest.raises(ZeroDivisionError), project.database.reading(), project.database.reading():
        raise ZeroDivisionError
    with project.database.reading() as connection:  # a reading that failed within another leaves none open
        assert connection.in_transaction()
    assert not project.database._reader.in_transaction()


def _row(case_id: str) -> CaseRow:
    return CaseRow(
        case_id=case_id, title=case_id, source="", patient_id="", status=CaseStatus.TO_DO, images=1, first_image_id=""
    )


def test_an_image_that_was_read_while_it_changed_is_asked_for_again(project: Project, image_id: str) -> None:
    """It is brought while a gesture changes it: neither reading knows of the other; the older must not stand."""
    early = AtHand().taking(read_whole(project))
    late = read_some(project, [image_id])
    edit = project.history.do(
        edits.add_annotation(image_id, "nodule", Box(x0_px=1, y0_px=1, x1_px=9, y1_px=9), author="Ada")
    )
    change = read_changes(project, early, edit)
    assert change is not None

    change_first = early.taking(replace(change, images={})).taking(late)
    assert not change_first.images.known(image_id), "what was read before the change is not taken"

    image_first = early.taking(late).taking(replace(change, images={}))
    assert image_first.stale == ([image_id], [])


def test_what_another_process_changed_is_followed(project: Project, folder: Path, image_id: str) -> None:
    """A second window reads what the first one keeps, by the revisions alone."""
    with Project.open(folder, writable=False) as second:
        at_hand = AtHand(author=second.author).taking(read_whole(second, [image_id]))
        assert read_changes(second, at_hand) is None
        project.history.do(edits.say_image_label(image_id, "ill", before=None, after=Verdict.YES))
        case = project.cases.get(project.images.get(image_id).case_id)
        project.history.do(edits.set_status(case, CaseStatus.COMPLETE))

        change = read_changes(second, at_hand)

        assert change is not None and change.rows is None, "no more is read than has changed"
        at_hand = at_hand.taking(change)
        assert at_hand.work.image_labels(image_id) == {"ill": Verdict.YES}
        assert at_hand.cases.get(case.case_id).status is CaseStatus.COMPLETE
        assert [label.name for label in at_hand.labels] == ["ill"]
