"""Labelled shapes on planes as a rule takes them of several readers: where they lie on one plane as those of an image,
and where readers chose other planes, or slices, the label is unknown and no data set takes it for "nothing there"."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.project.acts_of_two import plane_at
from tests.project.test_planes import case_of
from tests.project.test_shapes_on_planes import BOX, DETECTION, Named, complete, draw, drawn, on_image
from tests.project.test_shapes_on_planes import of as of  # a fixture
from viewer.core.shapes.anchors import PlaneAnchor
from viewer.core.shapes.annotations import Annotation
from viewer.core.shapes.kinds.box import Box
from viewer.project.at_hand.adjudicating import hear
from viewer.project.combining import Combined
from viewer.project.lists.combined_planes import CombinedPlanes
from viewer.project.lists.info import project_info
from viewer.project.project import Project
from viewer.project.readings import SHARED_WORD
from viewer.project.snapshots.snapshot import make_snapshot

READERS = ("Bob", "Cleo", "Dan")
# The plane at 12.5 mm seen from below: its x is the other's y.
TURNED = replace(plane_at(12.5), row_cosines=(0.0, 1.0, 0.0), col_cosines=(1.0, 0.0, 0.0))
SAME_TURNED = Box(x0_px=40, y0_px=30, x1_px=80, y1_px=60)
At = tuple[PlaneAnchor, Box]
P: At = (plane_at(12.5), BOX)
NEXT: At = (plane_at(13.0), BOX)
LAST: At = (plane_at(14.0), BOX)
ON_A_SLICE = "on a slice"
NOTHING, UNKNOWN = (), None
# By label, what each reader drew, and whose shapes stand: by agreed, majority and union.
CASES: dict[str, tuple[dict[str, list[At | str]], tuple[tuple[str, ...] | None, ...]]] = {
    "all": ({"Bob": [P], "Cleo": [(P[0], BOX.moved(5, 5))], "Dan": [P]}, (("Bob",), ("Bob",), ("Bob",))),
    "two of three": ({"Bob": [P], "Cleo": [P]}, (UNKNOWN, ("Bob",), ("Bob",))),
    "one of three": ({"Cleo": [P]}, (UNKNOWN, NOTHING, ("Cleo",))),
    "each on their plane": ({"Bob": [P], "Cleo": [NEXT], "Dan": [LAST]}, (UNKNOWN, UNKNOWN, READERS)),
    "two on their planes": ({"Cleo": [P], "Dan": [NEXT]}, (UNKNOWN, UNKNOWN, ("Cleo", "Dan"))),
    "one on a slice": ({"Bob": [P], "Dan": [ON_A_SLICE]}, (UNKNOWN, UNKNOWN, ("Bob",))),
    "apart on one plane": ({"Bob": [P], "Dan": [(P[0], BOX.moved(90, 0))]}, (UNKNOWN, NOTHING, ("Bob", "Dan"))),
    "within 0.1 mm": ({"Bob": [P], "Cleo": [(plane_at(12.55), BOX)], "Dan": [(TURNED, SAME_TURNED)]}, (("Bob",),) * 3),
    # Bob says that what Cleo drew is another thing than his second one.
    "a second of one": ({"Bob": [P, LAST], "Cleo": [P]}, (UNKNOWN, ("Bob",), ("Bob", "Bob"))),
}  # fmt: skip


def read(project: Project, name: str, of: Named, *shapes: Annotation, done: tuple[str, ...] = ("s0", "s1")) -> None:
    theirs = project.in_reading(name)
    for one in shapes:
        draw(theirs, replace(one, author=name))
    complete(theirs, *(of[one] for one in done))
    theirs.close()


def shapes_of(of: Named, name: str) -> Iterator[Annotation]:
    for label, (who, _) in CASES.items():
        for number, at in enumerate(who.get(name, ())):
            key = f"{label}/{name}/{number}"
            if isinstance(at, str):
                yield on_image(of["s1"], key, label)
            else:
                yield drawn(at[1], at[0], key, label)


@pytest.fixture
def three(project: Project, of: Named) -> Named:
    """Three readers who completed both slices of the series S."""
    for name in READERS:
        read(project, name, of, *shapes_of(of, name))
    return of


def test_each_rule_takes_what_lies_on_one_plane_and_knows_not_what_lies_on_several(
    project: Project, three: Named
) -> None:
    rules = ("agreed", "majority", "union")
    for number, rule in enumerate(rules):
        found = CombinedPlanes(project, Combined(project, rule)).through("S")
        counts = {one["name"]: one["count"] for one in project_info(project, rule)["labels"]}
        for label, (_, stands) in CASES.items():
            whose = stands[number]
            assert tuple(one.author for one in found.drawn if one.label == label) == (whose or ()), (rule, label)
            assert (label in found.unknown) is (whose is UNKNOWN), (rule, label)
            slices = label == "one on a slice" and rule == "union"
            assert counts[label] == len(whose or ()) + slices, (rule, label)
        assert project_info(project, rule)["shapes_on_planes"] == len(found.drawn)
    found = CombinedPlanes(project, Combined(project, "reader:Dan")).through("S")
    assert sorted(found.drawn, key=lambda one: one.annotation_id) == sorted(
        (one for one in three_of_dan(project)), key=lambda one: one.annotation_id
    )
    assert found.unknown == frozenset()


def three_of_dan(project: Project) -> list[Annotation]:
    from viewer.project.lists.on_planes import shapes_on_planes

    theirs = project.in_reading("Dan")
    found = shapes_on_planes(theirs)
    theirs.close()
    return found


def test_a_data_set_leaves_out_by_name_what_is_unknown_and_takes_what_the_rule_says_is_not_there(
    project: Project, three: Named
) -> None:
    # A film of each patient must be there to train on, and bears every label.
    for name in READERS:
        read(project, name, three, *(on_image(three["u"], f"{name}{label}", label) for label in CASES), done=("u",))
    not_on_it = "{} is drawn on a plane through its series and not on it"
    differ = "its readers differ in {} on planes through its series"
    for label, reason in {
        "two of three": not_on_it, "one of three": "", "each on their plane": differ, "one on a slice": differ,
    }.items():  # fmt: skip
        task = replace(DETECTION, labels=(label,), readings="majority")
        card = make_snapshot(project, task, split=(1.0, 0.0, 0.0)).card
        left = {words: names for words, names in card["left_out_of"].items() if "series" in words}
        assert left == ({reason.format(label): ["0060.png", "0061.png"]} if reason else {}), label
        assert (card["images"] == 3) is (not reason), label


def test_who_completed_another_slice_of_the_series_is_heard_too(project: Project, of: Named) -> None:
    """Each film is a case: of the first one Bob's word alone counts, and Cleo's plane was lost without a word."""
    read(project, "Bob", of, drawn(*reversed(P), name="b"), done=("s0",))
    read(project, "Cleo", of, drawn(*reversed(NEXT), name="c"), done=("s1",))
    assert CombinedPlanes(project, Combined(project)).through("S").unknown == {"nodule"}
    assert project_info(project, "union")["shapes_on_planes"] == 2
    # What is settled for one of the cases stands beside them, and ends nothing that another one says.
    shared = project.in_reading(SHARED_WORD)
    complete(shared, of["s0"])
    shared.close()
    assert [one.reader for one in Combined(project).rounds_of(case_of(project, of["s0"]))] == [""]
    assert CombinedPlanes(project, Combined(project)).through("S").unknown == {"nodule"}


def test_planes_are_told_to_whoever_settles_them_once_their_readers_are_through_with_every_film_of_the_series(
    project: Project, of: Named
) -> None:
    read(project, "Ada", of, drawn(*reversed(P), name="a"), done=("s0",))
    read(project, "Bob", of, done=("s0",))
    heard = hear(project, of["s0"])
    assert ([one.name for one in heard.said], heard.on_planes) == (["Ada", "Bob"], ())
    read(project, "Ada", of, done=("s1",))
    assert [(one.name, one.words) for one in hear(project, of["s0"]).on_planes] == [
        ("Ada", "1 nodule"), ("Bob", "nothing drawn")
    ]  # fmt: skip
    assert hear(project, of["t"]).on_planes == ()
