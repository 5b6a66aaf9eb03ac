"""An open project goes on in another reading: nobody takes it meanwhile, and nothing is closed under anybody."""

from pathlib import Path

import pytest

from tests.project.test_readings import draw, reading, say
from viewer.core.errors import NotWritable
from viewer.core.labels import Verdict
from viewer.project.project import Project
from viewer.project.readings import EACH_OWN, SHARED, SHARED_WORD, UNREAD


@pytest.fixture
def image(project: Project, image_id: str) -> str:
    """An image of a project that nobody has open."""
    project.close()
    return image_id


def test_a_project_goes_on_in_another_reading_without_being_let_go_of(folder: Path, image: str) -> None:
    shared = reading(folder, SHARED_WORD)
    say(shared, image, "ill", Verdict.YES)

    ada = shared.in_reading("Ada")
    shared.close()

    assert (ada.reader, ada.author) == ("Ada", "Ada")
    assert ada.work.image_labels(image) == {}
    draw(ada, image)
    with pytest.raises(NotWritable):
        reading(folder, "Bob")
    again = ada.in_reading(SHARED_WORD)
    ada.close()
    assert (again.reader, again.round_id) == ("", SHARED)
    assert again.work.image_labels(image) == {"ill": Verdict.YES}
    assert again.work.annotations(image) == ()
    again.close()
    with reading(folder, "Ada") as ada:
        assert len(ada.work.annotations(image)) == 1


def test_the_other_reading_may_be_given_up_while_the_first_goes_on(folder: Path, image: str) -> None:
    with reading(folder, SHARED_WORD) as shared:
        shared.in_reading("Ada").close()
        say(shared, image, "ill", Verdict.YES)
        assert shared.work.image_labels(image) == {"ill": Verdict.YES}
    reading(folder, SHARED_WORD).close()


def test_a_project_that_may_only_be_read_shows_the_reading_that_there_is(folder: Path, image: str) -> None:
    with reading(folder, "Ada") as ada:
        say(ada, image, "ill", Verdict.YES)
    with reading(folder, SHARED_WORD, writable=False) as shared:
        ada, eve = shared.in_reading("Ada"), shared.in_reading("Eve")
        assert ada.work.image_labels(image) == {"ill": Verdict.YES}
        assert (eve.reader, eve.round_id) == ("Eve", UNREAD)
        for one in (ada, eve):
            one.close()


def test_who_reads_is_told_by_the_project(folder: Path, image: str) -> None:
    with Project.open(folder, writable=True, author="Carol") as carol:
        assert carol.reader == ""
        carol.rounds.read_by(EACH_OWN)
    with Project.open(folder, writable=True, author="Carol") as carol:
        assert carol.reader == "Carol"


def test_the_name_of_the_person_counts_where_each_reads_on_their_own(folder: Path, image: str) -> None:
    with Project.open(folder, writable=True, user="Dora") as together:
        by_all = together.author
        together.rounds.read_by(EACH_OWN)
    with Project.open(folder, writable=True, user="Dora") as own:
        assert (own.reader, own.author) == ("Dora", "Dora")
        assert [one.words for one in own.rounds.all()] == ["shared", "Dora"]
    with Project.open(folder, writable=True, user="Dora", reader=SHARED_WORD) as shared:
        assert (shared.reader, shared.author) == ("", "Dora")
    assert by_all == "Ada"
