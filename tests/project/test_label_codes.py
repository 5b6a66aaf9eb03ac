"""A label keeps its code: through a rename, an undo, a second author and a file that somebody has changed."""

from pathlib import Path

import pytest

from tests.project.clashes import at_work
from viewer.core.codes import Code
from viewer.core.errors import BadProject, BadRequest
from viewer.core.labels import Label
from viewer.project import edit_builders as edits
from viewer.project.project import Project
from viewer.project.verify import verify

NODULE = Code(scheme="SCT", value="27925004", meaning="Nodule")


def label(project: Project, name: str) -> Label:
    return next(one for one in project.labels if one.name == name)


@pytest.fixture
def coded(project: Project) -> Project:
    project.history.do(edits.add_label("nodule", "region", project.labels))
    project.history.do(edits.code_label(label(project, "nodule"), NODULE))
    return project


def test_it_is_kept_renamed_and_taken_back(coded: Project, folder: Path) -> None:
    assert label(coded, "nodule").code == NODULE
    coded.history.do(edits.rename_label(label(coded, "nodule"), "node"))
    assert label(coded, "node").code == NODULE
    coded.history.do(edits.colour_label(label(coded, "node"), 5))
    coded.history.do(edits.code_label(label(coded, "node"), None))
    assert label(coded, "node").code is None
    coded.history.undo()
    coded.close()

    with at_work(folder, "tester") as again:
        assert label(again, "node").code == NODULE and label(again, "node").tint == 5
    assert not verify(folder).problems


def test_a_code_that_another_gave_since_is_not_taken_back(coded: Project, folder: Path) -> None:
    author = coded.author
    coded.close()
    other = Code(scheme="RADLEX", value="RID3875", meaning="nodule")
    with at_work(folder, "Ben") as ben:
        ben.history.do(edits.code_label(label(ben, "nodule"), other))
    with at_work(folder, author) as first:
        with pytest.raises(BadRequest, match="since by Ben"):
            first.history.undo()
        assert label(first, "nodule").code == other


@pytest.mark.parametrize("text", ["[", "[1, 2, 3]", '["SCT", "1"]', '{"scheme": "SCT"}', '["", "1", "a"]'])
def test_what_stands_there_and_is_no_code_is_named(coded: Project, folder: Path, text: str) -> None:
    from sqlalchemy import update

    from viewer.project.revisions import RevisionKind, Touched, raise_revision
    from viewer.project.store.schema import labels

    with coded.database.writing() as connection:
        connection.execute(update(labels).values(code=text))
        raise_revision(connection, RevisionKind.DO, Touched(labels=True))

    with pytest.raises(BadProject, match="The label nodule"):
        _ = coded.labels
