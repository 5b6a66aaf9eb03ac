"""`predict` on a series: what lies over each other on neighbouring slices is one finding of the project."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ml.inference import predict as predicting
from tests.cli.test_predict_explain import a_model, run
from tests.ui.conftest import write_slice
from viewer.core.shapes.annotations import Prediction, Proposal
from viewer.core.shapes.kinds.box import Box
from viewer.project.project import Project
from viewer.project.verify import verify

SLICES = 4
SAME = np.random.default_rng(3).integers(-100, 900, (48, 64)).astype(np.int16)


@pytest.fixture
def ct(tmp_path: Path) -> Path:
    """Slices of the same pixels: a model says the same of each."""
    folder = tmp_path / "ct"
    folder.mkdir()
    for place in range(SLICES):
        write_slice(
            folder / f"{place}.dcm", patient="P", study=1, series=1, place=place, frame="1.2.3",
            PixelData=SAME.tobytes(),
        )  # fmt: skip
    return folder


@pytest.fixture(autouse=True)
def two_boxes(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a network that has learnt nothing would say of a slice is replaced by two boxes that lie apart."""
    asked = predicting.predict

    def predict(*given: Any, **options: Any) -> Prediction:
        answer = asked(*given, **options)
        boxes = tuple(
            Proposal(
                proposal_id=f"{answer.prediction_id}-{left}", prediction_id=answer.prediction_id,
                image_id=answer.image_id, label="nodule", score=0.9,
                shape=Box(x0_px=left, y0_px=4, x1_px=left + 9, y1_px=14),
            )
            for left in (1, 20)
        )  # fmt: skip
        return replace(answer, proposals=boxes)

    monkeypatch.setattr(predicting, "predict", predict)


@pytest.fixture
def asked(tmp_path: Path, ct: Path) -> tuple[object, ...]:
    """The words of a question about the series, to a detector, in a project that holds it."""
    folder = tmp_path / "project"
    Project.create(folder, case_unit="series").close()
    model = a_model(tmp_path / "m", "detection", threshold=0.0)
    return ("predict", ct, "--project", folder, "--add", "--model", model, "--out", tmp_path / "p.json")


def objects(folder: Path) -> dict[str, set[int]]:
    """Of each object that is proposed, on which slices; "" of what stands alone."""
    found: dict[str, set[int]] = {}
    with Project.open(folder, writable=False) as project:
        number_of = {record.image_id: number for number, record in enumerate(project.images.all())}
        for one in project.predictions.all():
            found.setdefault(one.object_id, set()).add(number_of[one.image_id])
    return found


def test_each_finding_of_a_series_is_one_on_all_its_slices(
    asked: tuple[object, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, document, _ = run(capsys, *asked)

    assert code == 0 and document["joined"] == {"shapes": 2 * SLICES, "findings": 2}
    assert list(objects(tmp_path / "project").values()) == [set(range(SLICES))] * 2
    assert verify(tmp_path / "project").problems == []


def test_asked_about_the_project_it_is_the_same(
    asked: tuple[object, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    apart = run(capsys, *asked, "--apart")[1]
    assert apart["joined"] is None and set(objects(tmp_path / "project")) == {""}

    again = run(capsys, "predict", tmp_path / "project", *asked[5:])[1]

    assert again["joined"]["findings"] == 2
    assert "" not in objects(tmp_path / "project")


def test_a_slice_that_could_not_be_asked_about_parts_what_lies_beside_it(
    asked: tuple[object, ...], ct: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(capsys, *asked, "--apart")
    write_slice(ct / "1.dcm", patient="P", study=1, series=1, place=1, frame="1.2.3")  # other pixels under its name

    document = run(capsys, "predict", tmp_path / "project", *asked[5:])[1]

    assert len(document["problems"]) == 1
    joined = [slices for object_id, slices in objects(tmp_path / "project").items() if object_id]
    assert joined == [{2, 3}, {2, 3}]


def test_films_are_never_joined(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two views of a breast lie in one series; what is drawn at one place of each is not one thing."""
    films = tmp_path / "films"
    films.mkdir()
    for number in range(2):
        write_slice(
            films / f"{number}.dcm", patient="P", study=1, series=1, place=number, frame="", PixelData=SAME.tobytes(),
            SOPClassUID="1.2.840.10008.5.1.4.1.1.1.2", Modality="MG", ImagePositionPatient=None,
            ImageOrientationPatient=None,
        )  # fmt: skip
    folder = tmp_path / "project"
    Project.create(folder, case_unit="study").close()
    model = a_model(tmp_path / "m", "detection", threshold=0.0)

    words = ("--model", model, "--out", tmp_path / "p.json")
    document = run(capsys, "predict", films, "--project", folder, "--add", *words)[1]

    assert len(document["predictions"]) == 2 and document["joined"] == {"shapes": 0, "findings": 0}
    assert run(capsys, "predict", folder, *words)[1]["joined"] == {"shapes": 0, "findings": 0}
    assert set(objects(folder)) == {""}
