"""A question in the window brings the frames beside the image: its answer is that of the command line."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from pytestqt.qtbot import QtBot

from ml.card import Card, Domain
from ml.catalogue import PreprocessSpec, load_spec
from ml.inference.store import write_model
from tests.two_series import CT, PET, labelled_project, write_series, write_studies
from tests.waiting import settled
from viewer.cli.main import main
from viewer.core.shapes.annotations import Prediction
from viewer.ui.flows.desk import Desk
from viewer.ui.flows.model_queries import ModelQueries

SPEC = PreprocessSpec(size_px=24, channels=6, context=1, with_series=("PET",))


def write_reader_of_six(folder: Path) -> Path:
    """A model that reads three slices of CT and PET. Untrained: any other frame gives any other score."""
    torch.manual_seed(3)
    network = load_spec("simple_cnn").build(2, 6)
    card = Card(
        name="six", model="simple_cnn", kind="classification", labels=("hot", "cold"), exclusive=False,
        preprocess=SPEC, domain=Domain(modality=("CT",)), threshold=0.5, metrics={}, snapshot_id="s" * 64,
        cam_layer=load_spec("simple_cnn").cam_layer,
    )  # fmt: skip
    write_model(folder, network, card)
    return folder


@pytest.fixture
def project_folder(tmp_path: Path) -> Path:
    """Two patients with CT and PET, of the second only the CT; and the model."""
    studies = write_studies(tmp_path / "in", 1)
    write_series(studies, 1, CT)
    folder = labelled_project(tmp_path / "project", studies)
    write_reader_of_six(folder / "models" / "six")
    return folder


@pytest.fixture
def asking(qtbot: QtBot, session: Desk) -> ModelQueries:
    made = session.review.asking
    made.find_models()
    qtbot.waitUntil(lambda: any(model.name == "six" for model in made.models))
    made.choose_model(next(model for model in made.models if model.name == "six"))
    return made


def show(qtbot: QtBot, session: Desk, patient: str, modality: str = "CT", instance: str = "3") -> None:
    assert session.project is not None
    chosen = next(
        image for image in session.project.images.all()
        if (image.patient_id, image.modality, image.tags["InstanceNumber"]) == (patient, modality, instance)
    )  # fmt: skip
    session.cases.open(chosen.case_id, chosen.image_id)
    qtbot.waitUntil(lambda: session.shown is not None and session.shown.image_id == chosen.image_id)
    settled(session)


def said_by_command_line(tmp_path: Path) -> dict[str, dict[str, float]]:
    model, out = tmp_path / "project" / "models" / "six", tmp_path / "said.json"
    assert main(["predict", str(tmp_path / "in"), "--model", str(model), "--out", str(out)]) == 0
    return {one["image_id"]: one["scores"] for one in json.loads((tmp_path / "said.json").read_text())["predictions"]}


def test_a_question_about_a_slice_brings_its_neighbours_and_the_other_series(
    qtbot: QtBot, session: Desk, asking: ModelQueries, tmp_path: Path
) -> None:
    answers: list[Prediction] = []
    asking.predicted.connect(answers.append)
    show(qtbot, session, "P00")

    asking.predict_series()
    qtbot.waitUntil(lambda: len(answers) == CT.slices)
    maps = []
    asking.explained.connect(maps.append)
    asking.explain("hot", "gradcam", run_anyway=False)
    qtbot.waitUntil(lambda: bool(maps))
    settled(session)

    known = said_by_command_line(tmp_path)
    assert {one.image_id: dict(one.scores) for one in answers} == {one.image_id: known[one.image_id] for one in answers}
    assert len({tuple(one.scores.values()) for one in answers}) == CT.slices


def test_what_lacks_is_one_sentence_and_no_answer(qtbot: QtBot, session: Desk, asking: ModelQueries) -> None:
    said: list[str] = []
    session.announced.connect(lambda level, sentence: said.append(f"{level}: {sentence}"))
    show(qtbot, session, "P01")

    asking.predict_image()
    settled(session)

    assert session.review.prediction is None
    assert len(said) == 1 and said[0].startswith("error: ")
    assert "six reads 3 neighbouring slices of CT and PET: 6 channels, but" in said[0]
    assert "has no series “PET” in its study" in said[0]


def test_slices_of_a_series_that_lack_frames_are_counted_and_the_rest_is_asked(
    qtbot: QtBot, session: Desk, asking: ModelQueries, tmp_path: Path
) -> None:
    from viewer.project.register import add_to_project
    from viewer.reading.scan import scan

    write_series(tmp_path / "in", 1, replace(PET, first=1, slices=4))  # one slice shorter at either end
    assert session.project is not None
    add_to_project(session.project, scan([tmp_path / "in"]))
    said: list[str] = []
    answers: list[Prediction] = []
    session.announced.connect(lambda level, sentence: said.append(sentence))
    asking.predicted.connect(answers.append)
    show(qtbot, session, "P01")

    asking.predict_series()
    qtbot.waitUntil(lambda: any("not asked about" in one for one in said))

    assert len(answers) == CT.slices - 2
    (told,) = [one for one in said if "not asked about" in one]
    assert told.startswith("2 of 6 images are not asked about: ")
    assert "has no slice of the series “PET” at its place" in told


def test_images_that_were_only_opened_are_asked_about_as_they_were_opened(
    qtbot: QtBot, session: Desk, asking: ModelQueries, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_series(tmp_path / "other", 5, CT)
    write_series(tmp_path / "other", 5, PET)
    answers: list[Prediction] = []
    said: list[str] = []
    asking.predicted.connect(answers.append)
    session.announced.connect(lambda level, sentence: said.append(sentence))
    session.opening.open_paths([tmp_path / "other"])
    settled(session)
    series = next(one for one in session.opening.series_list() if one.modality == "CT" and one.patient_id == "P05")
    session.open_series(series)
    qtbot.waitUntil(lambda: session.shown is not None and session.shown.ref in series.frames)
    settled(session)

    asking.predict_image()
    qtbot.waitUntil(lambda: len(answers) == 1)
    model, out = tmp_path / "project" / "models" / "six", tmp_path / "said.json"
    assert main(["predict", str(tmp_path / "other"), "--model", str(model), "--out", str(out)]) == 0
    known = {one["image_id"]: one["scores"] for one in json.loads(out.read_text())["predictions"]}
    assert dict(answers[0].scores) == known[answers[0].image_id]

    said.clear()
    monkeypatch.setattr(session.opening, "is_arriving", lambda _study: True)
    monkeypatch.setattr(type(session.opening), "scanning", True)
    asking.predict_image()
    assert len(answers) == 1
    qtbot.waitUntil(lambda: any("is of a study that is still being read" in one for one in said))
