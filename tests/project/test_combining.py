"""What is taken where several have read a case: by the rule that the task names, and never the last one's word."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from tests.project.test_readings import complete, draw, reading, say
from viewer.core.edits import CaseStatusChange, Edit, ImageLabelChange
from viewer.core.errors import UnknownName
from viewer.core.labels import Verdict
from viewer.core.shapes.annotations import CaseStatus
from viewer.core.shapes.kinds.box import Box
from viewer.project.combining import NUMBER, RULES, Combined, rule_words
from viewer.project.in_batches import MOST_IMAGES
from viewer.project.project import Project
from viewer.project.readings import SHARED_WORD, RoundKind
from viewer.project.records import Task
from viewer.project.snapshots.snapshot import Snapshot, make_snapshot

_ARITHMETIC = "the rule is arithmetic on what was read; of many images both databases are asked below"
ON_FILES = {
    "test_what_stands_of_several_answers": _ARITHMETIC,
    "test_what_a_snapshot_takes_of_what_several_drew": _ARITHMETIC,
}
YES, NO = Verdict.YES, Verdict.NO
Y, N, NONE = {"ill": YES}, {"ill": NO}, dict[str, Verdict]()


@pytest.fixture
def image(project: Project, image_id: str) -> str:
    """An image of a project that nobody has open."""
    project.close()
    return image_id


def read_by(folder: Path, image: str, said: Mapping[str, Mapping[str, Verdict]]) -> None:
    """Let each reader say something and complete the case."""
    for name, verdicts in said.items():
        with reading(folder, name) as own:
            for label, verdict in verdicts.items():
                say(own, image, label, verdict)
            complete(own, image)


def stands(folder: Path, image: str, rule: str) -> tuple[dict[str, Verdict], frozenset[str]]:
    with Project.open(folder, writable=False, reader=SHARED_WORD) as project:
        said = Combined(project, rule).said(project.images.get(image))
    return dict(said.image_labels), said.differ


@pytest.mark.parametrize("scope", ["", "region", "image", NUMBER])
def test_of_many_images_what_stands_is_read_at_once_and_is_the_same(folder: Path, image: str, scope: str) -> None:
    with reading(folder, "r0") as own:
        images = [record.image_id for record in own.images.all()]
    for name in ("r0", "r1"):
        with reading(folder, name) as own:
            for number, one in enumerate(images):
                say(own, one, "ill", YES if name == "r0" or number % 2 else NO)
                for _ in range(number):
                    draw(own, one)
            for case in own.cases.all():
                complete(own, case.first_image_id)
    queries: list[str] = []

    def note(*facts: Any) -> None:
        queries.append(facts[2])

    with Project.open(folder, writable=False, reader=SHARED_WORD) as project:
        taken, records = Combined(project), project.images.all()
        assert MOST_IMAGES > len(records) == 8
        event.listen(Engine, "before_cursor_execute", note)
        found = [taken.said(record, scope) for record in taken.ahead(records, scope)]
        event.remove(Engine, "before_cursor_execute", note)
        assert found == [taken.said(record, scope) for record in records]

    asked = [query for query in queries if query.startswith("SELECT")]
    assert len(asked) == {"": 5, "region": 2, "image": 1, NUMBER: 1}[scope]
    assert [len(one.annotations) for one in found] == (list(range(8)) if scope in ("", "region") else [0] * 8)
    differ = frozenset[str]() if scope in ("region", NUMBER) else frozenset({"ill"})
    assert [one.differ for one in found] == [differ, frozenset()] * 4


@pytest.mark.parametrize(
    ("rule", "said", "expected"),
    [
        ("agreed", [Y, Y], Y), ("agreed", [Y, N], NONE), ("agreed", [Y, NONE], NONE), ("agreed", [Y, Y, N], NONE),
        ("majority", [Y, Y, N], Y), ("majority", [Y, N], NONE), ("majority", [Y, N, NONE], NONE),
        ("majority", [N, N, N, Y], N),
        ("union", [Y, N], Y), ("union", [N, N], N), ("union", [N, NONE], N), ("union", [NONE, Y], Y),
        ("shared", [Y, Y], NONE), ("reader:r1", [Y, N], N), ("reader:r0", [Y, N], Y), ("reader:nobody", [Y, Y], NONE),
    ],
)  # fmt: skip
def test_what_stands_of_several_answers(
    folder: Path, image: str, rule: str, said: Sequence[Mapping[str, Verdict]], expected: Mapping[str, Verdict]
) -> None:
    read_by(folder, image, {f"r{number}": verdicts for number, verdicts in enumerate(said)})

    found, differ = stands(folder, image, rule)

    assert found == expected
    assert differ == (frozenset({"ill"}) if not expected and rule in ("agreed", "majority") else frozenset())


@pytest.mark.parametrize("rule", ["agreed", "majority", "shared"])
def test_a_complete_consensus_settles_what_readers_differ_in(folder: Path, image: str, rule: str) -> None:
    read_by(folder, image, {"Ada": Y, "Bob": N, SHARED_WORD: N})

    assert stands(folder, image, rule) == (N, frozenset())
    assert stands(folder, image, "union")[0] == Y


def test_a_reading_that_is_not_complete_says_nothing_yet(folder: Path, image: str) -> None:
    read_by(folder, image, {"Ada": Y})
    with reading(folder, "Bob") as bob:
        say(bob, image, "ill", NO)

    assert stands(folder, image, "agreed") == (Y, frozenset())


def test_of_a_reader_the_newest_round_counts(folder: Path, image: str) -> None:
    read_by(folder, image, {"Ada": Y})
    with reading(folder, SHARED_WORD) as project:
        case_id = project.images.get(image).case_id
        for kind, verdict in ((RoundKind.FIRST, YES), (RoundKind.REPEAT, NO)):
            round_id = project.rounds.of("Ada", kind=kind).round_id
            project.history.do(
                Edit(
                    text="read again",
                    changes=(
                        ImageLabelChange(image_id=image, label="ill", before=None, after=verdict, round_id=round_id),
                        CaseStatusChange(
                            case_id=case_id, before=CaseStatus.TO_DO, after=CaseStatus.COMPLETE, round_id=round_id
                        ),
                    ),
                )
            )

    assert stands(folder, image, "agreed") == (N, frozenset())


A, NEAR, FAR = Box(x0_px=2, y0_px=2, x1_px=12, y1_px=12), Box(x0_px=4, y0_px=2, x1_px=14, y1_px=12), Box(
    x0_px=25, y0_px=40, x1_px=35, y1_px=50
)  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "drawn", "expected"),
    [
        ("agreed", [[A], [NEAR]], [A]), ("agreed", [[A, FAR], [NEAR]], None), ("agreed", [[A], []], None),
        ("agreed", [[], []], []),
        ("majority", [[A, FAR], [NEAR], []], [A]), ("majority", [[A], []], None), ("majority", [[A], [], []], []),
        ("majority", [[A], [A], [], []], None),
        ("union", [[A], [NEAR, FAR]], [A, FAR]), ("union", [[], [FAR]], [FAR]),
        # Two of one reader are two, though another drew one over both.
        ("union", [[A], [NEAR, A]], [A, NEAR]),
    ],
)  # fmt: skip
def test_what_a_snapshot_takes_of_what_several_drew(
    folder: Path, image: str, rule: str, drawn: Sequence[Sequence[Box]], expected: Sequence[Box] | None
) -> None:
    for number, boxes in enumerate(drawn):
        with reading(folder, f"r{number}") as own:
            for box in boxes:
                draw(own, image, shape=box)
            complete(own, image)
    with reading(folder, SHARED_WORD) as project:
        other = next(one.image_id for one in project.images.all() if one.image_id != image)
        draw(project, other)  # a case that one has read, so that there is something to learn
        complete(project, other)
        snapshot = frozen(project, Task(name="t", kind="detection", labels=("nodule",), readings=rule))
        items = {item.image_id: [box for _, box in item.boxes] for item in snapshot.items}

    assert items.get(image) == (None if expected is None else list(expected))
    assert snapshot.card["left_out"].get("its readers differ", 0) == (expected is None)


def frozen(project: Project, task: Task) -> Snapshot:
    return make_snapshot(project, task, split=(1.0, 0.0, 0.0))


def test_readers_who_differ_in_an_exclusive_task_leave_the_image_out_by_name(folder: Path, image: str) -> None:
    read_by(folder, image, {"Ada": {"ill": YES, "well": NO}, "Bob": {"ill": NO, "well": YES}})
    with reading(folder, SHARED_WORD) as project:
        others = [one.image_id for one in project.images.all() if one.image_id != image][:2]
        for other, label in zip(others, ("ill", "well"), strict=True):
            say(project, other, label, YES)
            complete(project, other)
        task = Task(name="t", kind="classification", labels=("ill", "well"))
        snapshot = frozen(project, task)
        hers = frozen(project, Task(name="t", kind="classification", labels=("ill", "well"), readings="reader:Ada"))

    assert {item.image_id for item in snapshot.items} == set(others)
    assert snapshot.card["left_out_of"]["its readers differ"] == [project_path_name(folder, image)]
    assert {item.image_id: item.labels["ill"] for item in hers.items} == {image: YES}
    assert hers.task.readings == "reader:Ada" and hers.card["task"]["readings"] == "reader:Ada"
    assert hers.id != snapshot.id and "readings" not in snapshot.card["task"]
    assert Snapshot.load(folder, hers.id).task == hers.task


def project_path_name(folder: Path, image: str) -> str:
    with Project.open(folder, writable=False) as project:
        return project.images.get(image).path.name


def test_a_rule_that_is_none_is_refused_with_those_there_are() -> None:
    for name in ("last", "reader:", ""):
        with pytest.raises(UnknownName, match=r"agreed, majority, union, shared, reader:NAME"):
            rule_words(name)
    assert {rule_words(name) for name in RULES} == {rule.words for rule in RULES.values()}
    assert rule_words("reader:Ada") == "what Ada says"


def test_a_task_keeps_its_rule(folder: Path, image: str) -> None:
    task = Task(name="t", kind="detection", labels=("nodule",), readings="union")
    with reading(folder, SHARED_WORD) as project:
        project.tasks.put(task)
    with reading(folder, SHARED_WORD) as project:
        assert project.tasks.get("t") == task
