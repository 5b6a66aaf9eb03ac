"""Films of one study as views of one sample: found by side and view, never guessed, never torn apart by a split."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.two_views import labelled_project, say, write_film, write_study
from viewer.core.errors import BadProject, BadRequest, LacksFrames
from viewer.core.samples import SampleRule
from viewer.project.project import Project
from viewer.project.records import Task
from viewer.project.samples.finding import SampleFinder
from viewer.project.samples.stacks import stacks_of_series
from viewer.project.snapshots.card import sample_rule_of
from viewer.project.snapshots.file import item_line
from viewer.project.snapshots.preview import SnapshotPreview
from viewer.project.snapshots.snapshot import Snapshot, content_id, make_snapshot
from viewer.project.snapshots.split import SplitFile
from viewer.reading.scan import all_series, scan
from viewer.reading.series import FrameRef

HOT = Task(name="hot", kind="classification", labels=("hot", "cold"))
LATERAL = SampleRule(views=("LATERAL",))
NONE = "has no film of the view “{}” in its study"
SEVERAL = "has several films of the view “{}” in its study, and which of them is meant is open"
ITSELF = "is of the view “{}” itself"


def film(folder: Path, name: str, number: int, *, study: str = "1.2.3", patient: str = "P", **said: object) -> Path:
    values = np.full((8, 8), number, np.uint16)
    return write_film(folder / f"{name}.dcm", values, patient=patient, study=study, number=number, **said)


@pytest.fixture(scope="module")
def studies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Mammograms of both sides, with a magnified one; chest films; and others of which less is known."""
    folder = tmp_path_factory.mktemp("films")
    for number, (side, view) in enumerate([("L", "CC"), ("L", "MLO"), ("R", "CC"), ("R", "MLO")], start=1):
        film(folder, f"{side}{view}", number, ImageLaterality=side, ViewPosition=view)
    film(folder, "nameless", 5)
    film(folder, "ML", 6, ViewPosition="ML")  # of no side
    film(folder, "PA", 7, study="1.2.4", ViewPosition="PA", ImageLaterality="U")
    film(folder, "LL", 8, study="1.2.4", ViewPosition="LL", Laterality="L")
    film(folder, "AP1", 9, study="1.2.4", ViewPosition="AP")
    film(folder, "AP2", 10, study="1.2.4", ViewPosition="AP")
    film(folder, "later", 11, study="1.2.40", ViewPosition="RL")
    film(folder, "of another", 12, study="1.2.4", patient="Q", ViewPosition="RL")
    return folder


def test_a_view_is_the_one_film_of_the_study_that_its_words_name(studies: Path) -> None:
    finder = SampleFinder(lambda: stacks_of_series(all_series(scan([studies]))))

    def found(own: str, *views: str) -> list[str] | str:
        ref = FrameRef(path=studies / f"{own}.dcm")
        try:
            frames = finder.find(SampleRule(views=views), ref).frames
        except LacksFrames as error:
            return str(error)
        assert [(one.role.value, one.series) for one in frames] == [("slice", ""), *(("view", one) for one in views)]
        return [one.slice.ref.path.stem for one in frames]

    assert found("LCC", "MLO") == ["LCC", "LMLO"] and found("RCC", "mlo") == ["RCC", "RMLO"]  # of its own side
    assert found("LCC", "R MLO", "L MLO", "R CC") == ["LCC", "RMLO", "LMLO", "RCC"]  # in the order of the words
    assert found("RMLO", "MLO") == ITSELF.format("MLO") and found("LCC", "L CC") == ITSELF.format("L CC")
    assert found("LCC", "MLO", "L MLO") == "has one film that two of its views name, the latter as “L MLO”"
    assert found("LCC", "ML") == NONE.format("ML")  # whose side is not known
    assert found("nameless", "L CC") == "says no view of its own, so it is not known which films stand beside it"
    assert found("PA", "LL") == ["PA", "LL"]  # a film of no side has films of any
    assert found("PA", "AP") == SEVERAL.format("AP") and found("AP1", "PA") == ["AP1", "PA"]
    assert found("PA", "RL") == NONE.format("RL")  # of another study, or of another patient


def test_a_rule_of_views_and_the_rules_of_before() -> None:
    assert SampleRule(views=("L MLO", "R CC")).words(["MG"]) == (
        "a film (MG) with the views L MLO and R CC of its study: 3 channels"
    )
    assert LATERAL.words() == "a film with the view LATERAL of its study: 2 channels"
    assert list(LATERAL.places()) == [("", 0), ("LATERAL", 0)] and LATERAL.own == 0
    assert SampleRule(context=1, series=("PET",)).to_json() == {"context": 1, "series": ["PET"]}  # a part of old ids
    for wrong in ({"views": ("PA", " pa ")}, {"views": ("",)}, {"views": ("PA",), "context": 1},
                  {"views": ("PA",), "series": ("CT",)}, {"views": tuple("abcdefghi")}):  # fmt: skip
        with pytest.raises(BadRequest):
            SampleRule(**wrong)


@pytest.fixture
def project_folder(tmp_path: Path) -> Path:
    """Eight patients with both films, one without a lateral one, one with two."""
    folder = tmp_path / "in"
    for patient in range(8):
        write_study(folder, patient)
    write_study(folder, 8, ["PA"])
    write_study(folder, 9, ["PA", "LATERAL", "LATERAL"])
    return labelled_project(tmp_path / "p", folder)


def test_a_snapshot_takes_the_films_that_have_their_views_and_names_the_others(project_folder: Path) -> None:
    with Project.open(project_folder, writable=True) as project:
        preview = SnapshotPreview(project, HOT, LATERAL)
        made = make_snapshot(project, HOT, rule=LATERAL)
        plain = make_snapshot(project, HOT)

    out = {NONE.format("LATERAL"): 1, SEVERAL.format("LATERAL"): 1}
    named = {reason: ["1_PA.dcm"] for reason in out}
    assert {reason: preview.left_out[reason] for reason in out} == out and preview.left_out_of == named
    assert {reason: made.card["left_out"][reason] for reason in out} == out and made.card["left_out_of"] == named
    assert preview.has_views and len(made.items) == 8 and len(plain.items) == 10

    loaded = Snapshot.load(project_folder, made.id)
    assert sample_rule_of(loaded.card) == LATERAL and made.card["sample_of"] == ["DX"]
    for item in loaded.items:
        assert [(one.role, one.series, one.offset) for one in item.frames] == [("slice", "", 0), ("view", "LATERAL", 0)]
        assert [one.path.name for one in item.frames] == ["1_PA.dcm", "2_LATERAL.dcm"]
        assert item.frames[0].image_id == item.image_id and len({one.path.parent for one in item.frames}) == 1
    # The rule is a part of the id, as are the films; the card of single films has neither.
    assert (
        content_id({**made.card, "sample": SampleRule(views=("LL",)).to_json()}, map(item_line, made.items)) != made.id
    )
    assert "sample" not in plain.card and all("frames" not in item_line(item) for item in plain.items)

    card = made.folder / "card.json"
    card.write_text(card.read_text().replace('"LATERAL"', '"LATERAL",\n"lateral"'))
    with pytest.raises(BadProject, match="make the snapshot anew"):
        Snapshot.load(project_folder, made.id)


def test_who_was_tested_on_one_film_stays_in_test_when_it_is_another_s_view(
    project_folder: Path, tmp_path: Path
) -> None:
    shares = (0.5, 0.2, 0.3)

    def tested(snapshot: Snapshot) -> set[str]:
        return {item.patient_id for item in snapshot.items if item.part == "test"}

    def assure_stay(first: Snapshot, again: Snapshot) -> None:
        stay = tested(first) & {item.patient_id for item in again.items}
        assert stay and stay <= tested(again)

    alone, beside = ("LATERAL", SampleRule()), ("PA", LATERAL)
    asked: list[dict[str, Any]] = [*({"split": shares, "seed": seed} for seed in (2, 3, 4)), {"folds": 2}]
    table = tmp_path / "split.csv"
    table.write_text("patient_id,part\n" + "".join(f"P{patient:02},train\n" for patient in range(10)))
    with Project.open(project_folder, writable=True) as project:
        for number, how in enumerate(asked):
            for name, before, after in (("a", alone, beside), ("b", beside, alone)):
                task = replace(HOT, name=f"{name}{number}")
                say(project, before[0])
                first = make_snapshot(project, task, split=shares, rule=before[1])
                say(project, after[0])
                assure_stay(first, make_snapshot(project, task, rule=after[1], **how))
        say(project, "LATERAL")
        make_snapshot(project, HOT, split=shares)
        say(project, "PA")
        with pytest.raises(BadRequest, match=r"1_PA.dcm into train, but an image of its sample is a test image"):
            make_snapshot(project, HOT, split_file=SplitFile(path=table, column="part"), rule=LATERAL)
