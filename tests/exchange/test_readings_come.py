"""A column of readers becomes readings: each reader's own, never the last one's; odd names are said."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from viewer.core.labels import Verdict
from viewer.core.shapes.annotations import CaseStatus
from viewer.core.shapes.kinds.box import Box
from viewer.exchange.importer import Outcome
from viewer.exchange.importing import ImportReport
from viewer.project.project import Project
from viewer.project.readings import SHARED_WORD
from viewer.project.verify import verify

Bring = Callable[..., ImportReport]
YES, NO = Verdict.YES, Verdict.NO


@pytest.fixture
def bring(project: Project, tmp_path: Path, write_picture: Callable[..., Path], bring_in: Bring) -> Bring:
    """bring(text, options, complete=...): a table beside three films a.png, b.png and c.png."""
    for seed, name in enumerate("abc"):
        write_picture(tmp_path / "set" / f"{name}.png", seed, rows=40, cols=60)

    def run(text: str, options: dict[str, list[str]] | None = None, *, complete: bool = False) -> ImportReport:
        (tmp_path / "set" / "t.csv").write_text(text, encoding="utf-8")
        return bring_in(project, "csv", tmp_path / "set" / "t.csv", options or {}, complete=complete)

    return run


def answers(project: Project, reader: str) -> dict[str, dict[str, Verdict]]:
    """By file, what a reader says; "shared" of all."""
    own = project.in_reading(reader)
    found = {image.path.name: own.work.image_labels(image.image_id) for image in own.images.all()}
    own.close()
    return {name: said for name, said in found.items() if said}


def states(project: Project, reader: str) -> dict[str, CaseStatus]:
    own = project.in_reading(reader)
    found = {own.images.get(row.first_image_id).path.name: row.status for row in own.cases.all()}
    own.close()
    return {name: state for name, state in found.items() if state is not CaseStatus.TO_DO}


def said(report: ImportReport, *outcomes: Outcome) -> str:
    return " ".join(remark.sentence for remark in report.remarks if remark.outcome in outcomes)


TWO = "path,reader,finding\na.png,Ada,1\na.png,Bob,0\nb.png,Ada,0\n"


def test_two_readers_who_differ_are_two_readings(project: Project, bring: Bring) -> None:
    report = bring(TWO, complete=True)

    assert answers(project, "Ada") == {"a.png": {"finding": YES}, "b.png": {"finding": NO}}
    assert answers(project, "Bob") == {"a.png": {"finding": NO}}
    assert answers(project, SHARED_WORD) == {} and report.problems == ()
    assert report.readers == ("Ada", "Bob") and (report.completed_cases, report.open_cases) == (3, 0)
    assert states(project, "Ada") == dict.fromkeys(("a.png", "b.png"), CaseStatus.COMPLETE)
    assert states(project, "Bob") == {"a.png": CaseStatus.COMPLETE}
    assert states(project, SHARED_WORD) == {}
    assert "the column reader was taken to say who read" in said(report, Outcome.GUESSED)
    assert bring(TWO, complete=True).image_labels == 0  # again: everything is there already
    assert not verify(project.folder).problems


def test_the_import_of_several_readers_is_one_edit_that_is_taken_back_whole(project: Project, bring: Bring) -> None:
    bring(TWO, complete=True)

    assert project.history.undo() is not None
    assert (answers(project, "Ada"), answers(project, "Bob"), states(project, "Ada")) == ({}, {}, {})
    assert project.history.redo() is not None
    assert answers(project, "Bob") == {"a.png": {"finding": NO}}


def test_in_a_reading_of_ones_own_each_readers_word_is_still_theirs(
    project: Project, tmp_path: Path, bring: Bring, bring_in: Bring
) -> None:
    bring(TWO)
    project.history.undo()
    carol = project.in_reading("Carol")
    bring_in(carol, "csv", tmp_path / "set" / "t.csv")
    carol.close()

    assert answers(project, "Carol") == {} and answers(project, "Bob") == {"a.png": {"finding": NO}}


def test_shapes_go_to_their_reader_who_is_their_author(project: Project, bring: Bring) -> None:
    text = "path,who,label,x0,y0,x1,y1\na.png,Ada,spot,1,2,9,8\na.png,Bob,spot,1,2,9,8\na.png,Bob,scar,3,3,7,7\n"
    report = bring(text, {"map": ["image=path,reader=who,label=label,x0=x0,y0=y0,x1=x1,y1=y1"]})

    found = {}
    for name in ("Ada", "Bob"):
        own = project.in_reading(name)
        found[name] = [(one.label, one.shape, one.author) for one in own.work.annotations(own.images.all()[0].image_id)]
        own.close()
    spot, scar = Box(x0_px=1, y0_px=2, x1_px=9, y1_px=8), Box(x0_px=3, y0_px=3, x1_px=7, y1_px=7)
    assert found == {"Ada": [("spot", spot, "Ada")], "Bob": [("spot", spot, "Bob"), ("scar", scar, "Bob")]}
    assert report.counts.twice == 0 and "was taken to say who read" not in said(report, Outcome.GUESSED)


def test_one_reader_who_says_two_things_contradicts_themselves(project: Project, bring: Bring) -> None:
    report = bring("path,reader,finding\na.png,Ada,1\na.png,Ada,0\na.png,Bob,0\n", complete=True)

    assert answers(project, "Ada") == {} and answers(project, "Bob") == {"a.png": {"finding": NO}}
    assert "yes (line 2), no (line 3)" in said(report, Outcome.CONTRADICTORY)


def test_a_row_that_names_no_reader_is_left_out_or_settled(project: Project, bring: Bring) -> None:
    text = "path,reader,finding\na.png,Ada,1\na.png,,0\n"

    report = bring(text)
    assert answers(project, SHARED_WORD) == {}
    assert "line 3: nobody is named who read it" in said(report, Outcome.AMBIGUOUS)
    bring(text, {"unnamed-reader": ["shared"]})
    assert answers(project, SHARED_WORD) == {"a.png": {"finding": NO}}


def test_names_that_are_none_and_names_written_in_two_ways_are_said(project: Project, bring: Bring) -> None:
    project.rounds.of("José")
    report = bring(
        "path,reader,finding\na.png,Jose\u0301,1\nb.png,ada,1\nc.png,Ada,0\na.png,Ada  B,1\nb.png,Ada B,0\n"
        f"c.png,shared,1\na.png,{'x' * 81},1\nb.png,a\u202eb,1\n"
    )

    assert {one.reader for one in project.rounds.all()} == {"", "José", "ada", "Ada", "Ada  B"}
    assert answers(project, "José") == {"a.png": {"finding": YES}}
    assert answers(project, "Ada  B") == {"a.png": {"finding": YES}, "b.png": {"finding": NO}}
    assert "The reader José is written in two ways" in said(report, Outcome.GUESSED)
    assert "The readers ada and Ada differ by capitals alone" in said(report, Outcome.NOTE)
    odd = [remark.sentence for remark in report.remarks if remark.rule == "a reader's name that is none"]
    assert len(odd) == 3
    assert "'shared', and nobody can be called so: the reading of all is called so" in odd[0]
    assert "more than 80 letters" in odd[1] and "characters that nobody sees" in odd[2]


def test_an_annotation_of_coco_says_who_drew_it_where_a_person_says_so(
    project: Project, tmp_path: Path, film: Callable[..., Path], bring_in: Bring
) -> None:
    film(tmp_path / "a.png")
    entries = [
        {"id": n, "image_id": 1, "category_id": 1, "bbox": [n, 2, 10, 8], "attributes": {"annotator": who}}
        for n, who in enumerate(("R1", "R2", ""))
    ]
    document = {
        "images": [{"id": 1, "file_name": "a.png"}], "categories": [{"id": 1, "name": "x"}], "annotations": entries,
    }  # fmt: skip
    (tmp_path / "c.json").write_text(json.dumps(document))

    report = bring_in(project, "coco", tmp_path / "c.json", {"map": ["reader=annotator"]}, complete=True)

    for name, x in (("R1", 0), ("R2", 1)):
        own = project.in_reading(name)
        (shape,) = own.work.annotations(own.images.all()[0].image_id)
        assert isinstance(shape.shape, Box) and shape.shape.x0_px == x
        own.close()
    assert "nobody is named who read it" in said(report, Outcome.AMBIGUOUS)
    assert states(project, SHARED_WORD) == {}  # only annotations say who looked at it
