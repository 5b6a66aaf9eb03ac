"""The parts that imports name go with an import that is undone and come back with it, whoever else named the same."""

from pathlib import Path

import pytest

from tests.project.test_readings import say
from viewer.core.labels import Verdict
from viewer.project.disk.imported_parts import IMPORTED_SPLIT, name_parts, number_parts, settle_parts, unname_parts
from viewer.project.project import Project
from viewer.project.snapshots.imported_split import imported_images
from viewer.project.snapshots.split import SplitFile, read_split

PATHS = {name: Path(f"{name}.png") for name in "abc"}


def named(project: Project, image_id: str, label: str, part_of: dict[str, str]) -> None:
    """An import of one answer and some parts."""
    name_parts(project.folder, part_of, PATHS)
    say(project, image_id, label, Verdict.YES)
    number_parts(project.folder, project.history.newest)


def parts(project: Project) -> dict[str, str]:
    """As whoever is given the table reads it."""
    said = read_split(SplitFile(path=project.folder / IMPORTED_SPLIT)).by_image
    return {one: part for one, part in said.items() if part}


def test_an_import_that_is_undone_takes_its_parts_along_and_brings_them_back(project: Project, image_id: str) -> None:
    named(project, image_id, "ill", {"a": "test", "b": "train"})
    say(project, image_id, "dark", Verdict.NO)
    assert parts(project) == {"a": "test", "b": "train"}
    project.history.undo()
    assert parts(project) == {"a": "test", "b": "train"}, "that was another step"
    project.history.undo()
    assert imported_images(project.folder) == (frozenset(), frozenset())
    assert not (project.folder / IMPORTED_SPLIT).exists(), "nothing of it is left to be taken"
    project.history.redo()
    assert parts(project) == {"a": "test", "b": "train"} and imported_images(project.folder)[0] == {"a"}


def test_what_two_imports_name_counts_as_the_first_has_it_that_stands(project: Project, image_id: str) -> None:
    name_parts(project.folder, {"c": "val"}, PATHS)
    number_parts(project.folder, None)  # it found all there already, so the journal knows nothing of it
    named(project, image_id, "ill", {"a": "test", "b": "fold 2"})
    bob = project.in_reading("Bob")
    named(bob, image_id, "dark", {"a": "train", "c": "test"})
    assert imported_images(project.folder) == ({"a"}, {"c"})
    project.history.undo()
    assert imported_images(project.folder) == (frozenset(), {"a", "c"})  # as Bob's has it
    project.history.redo()
    bob.history.undo()
    assert imported_images(project.folder) == ({"a"}, {"c"})
    # What was undone and can no longer be done again stays gone.
    say(bob, image_id, "old", Verdict.YES)
    project.history.undo()
    assert parts(project) == {"c": "val"}
    bob.close()


def test_an_import_that_failed_or_a_program_that_ended_leaves_no_false_part(project: Project, image_id: str) -> None:
    name_parts(project.folder, {"a": "test"}, PATHS)
    unname_parts(project.folder)
    assert list(project.folder.glob("imported_split*")) == []
    named(project, image_id, "ill", {"a": "test"})
    before = (project.folder / IMPORTED_SPLIT).read_bytes()
    project.history.undo()
    # As if it had ended between the step and the table.
    (project.folder / IMPORTED_SPLIT).write_bytes(before)
    settle_parts(project.folder, project.history.states)
    assert imported_images(project.folder)[0] == frozenset()
    # One that ended before its step was numbered counts: a test image stays one.
    name_parts(project.folder, {"b": "test"}, PATHS)
    project.history.redo()
    assert imported_images(project.folder)[0] == {"a", "b"}


OF_BEFORE = "image_id,part,fold,path\na,test,,a.png\n"
MENDED = "image_id,part,fold,path,imports\na,val,,a.png,0 test\nc,train,,c.png,0 test|undone 7 val\n"


@pytest.mark.parametrize(("text", "kept"), [(OF_BEFORE, {"a": "test"}), (MENDED, {"a": "val", "c": "train"})])
def test_a_table_of_before_and_what_a_person_mended_in_it_stay(
    project: Project, image_id: str, text: str, kept: dict[str, str]
) -> None:
    (project.folder / IMPORTED_SPLIT).write_text(text)
    named(project, image_id, "ill", {"a": "train", "b": "train"})
    project.history.undo()
    assert parts(project) == kept
