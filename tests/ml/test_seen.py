"""What a model has seen is known by content and by patient, whatever path, id or way of storing an image has."""

import csv
import hashlib
import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ml.data.storage import storage_doubts, told_right
from ml.evaluation.report import evaluate_runs
from ml.inference.load import load_model
from ml.inference.predict import predict
from ml.seen import SEEN_FILE, patient_key, read_seen, start_doubts
from ml.training.run import run_training
from viewer.core.errors import BadModel, BadRequest
from viewer.core.pixels import FrameIdentity, PixelFacts
from viewer.reading.frame import Frame
from viewer.reading.series import FrameRef


@pytest.fixture
def films(disc_films: Any) -> Any:
    """16 films: patients P0, P1 (and P4, P5) train, P2, P6 validate, P3, P7 test."""
    made = disc_films(count=16)
    for film in made.items:
        film.pixel_sha256 = sha256_of(film.pixels)
    return made


def sha256_of(pixels: np.ndarray) -> str:
    """By hashlib alone: type, shape and little-endian values, as docs/decisions/0002 has it."""
    return hashlib.sha256(f"<u2{pixels.shape}".encode() + pixels.astype("<u2").tobytes()).hexdigest()


@pytest.fixture
def run(films: Any, film_reader: Any, tiny_recipe: Any, new_run: Any) -> Path:
    folder = new_run(tiny_recipe(epochs=1), "first")
    run_training(folder, films, reader=film_reader)
    return Path(folder)


def turned_round(films: Any) -> Any:
    """The same films as another snapshot: what trained is tested on."""
    return type(films)(
        [replace(film, part={"train": "test", "test": "train"}.get(film.part, film.part)) for film in films.items],
        name="other",
    )


def judge(run: Path, films: Any, reader: Any, out: Path, **more: Any) -> dict[str, Any]:
    return evaluate_runs([run], films, run.parent.parent, out, reader=reader, **more)


def test_the_list_is_written_before_the_first_step_and_holds_no_name(
    films: Any, film_reader: Any, tiny_recipe: Any, new_run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Stopped(Exception):
        pass

    def no_step(*_: Any) -> None:
        raise Stopped

    monkeypatch.setattr("ml.training.run.fit", no_step)
    folder = new_run(tiny_recipe(epochs=1))
    with pytest.raises(Stopped):
        run_training(folder, films, reader=film_reader)

    document = json.loads((folder / SEEN_FILE).read_text())
    for film in films.items:
        where = {"train": "trained", "val": "validated"}.get(film.part)
        found = [name for name in ("trained", "validated") if sha256_of(film.pixels)[:32] in document[name]]
        assert found == ([where] if where else [])
    assert (len(document["trained_patients"]), len(document["validated_patients"])) == (4, 2)
    text = (folder / SEEN_FILE).read_text()
    assert not any(f'"{film.patient_id}"' in text for film in films.items)
    for patient in ("P0", "generated\nP0", "generated/P0"):  # nor what anybody can compute of it without the key
        assert hashlib.sha256(patient.encode()).hexdigest()[:32] not in text


def test_evaluating_on_what_trained_is_refused_with_the_numbers_and_marked_when_it_is_wanted(
    run: Path, films: Any, film_reader: Any, tmp_path: Path
) -> None:
    other = turned_round(films)

    with pytest.raises(BadRequest, match=r"Of the 8 images of the test part.*trained on 8 \(4 patients in all\)") as no:
        judge(run, other, film_reader, tmp_path / "no")
    document = judge(run, other, film_reader, tmp_path / "yes", seen_anyway=True)

    assert "--seen-anyway" in str(no.value)
    assert not (tmp_path / "no" / "figures.json").exists()
    assert document["seen"] | {"notes": []} == {
        "mark": "SEEN IN TRAINING", "cases": 8, "patients": 4, "trained on": 8, "validated on": 0,
        "patient trained on": 0, "patient validated on": 0, "notes": [], "sentence": document["seen"]["sentence"],
    }  # fmt: skip
    assert document["sentence"].startswith("SEEN IN TRAINING. ")
    assert document["notes"][0].startswith("8 of 8 cases, of 4 patients, are images or patients that the model")
    with (tmp_path / "yes" / "cases.csv").open(newline="") as file:
        assert {row["seen"] for row in csv.DictReader(file)} == {"trained on"}
    clean = judge(run, films, film_reader, tmp_path / "clean")
    assert (clean["seen"]["mark"], clean["seen"]["cases"]) == ("", 0)
    assert "SEEN" not in json.dumps(clean)


def test_every_line_and_the_page_say_it(
    run: Path, films: Any, film_reader: Any, tmp_path: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from viewer.cli import evaluate
    from viewer.cli.demo_report import Report, write_report
    from viewer.cli.main import main

    asked: dict[str, Any] = {}

    def judged(project: Path, name: str, out: Path, *, seen_anyway: bool, **rest: Any) -> Any:
        asked["seen_anyway"] = seen_anyway
        return judge(run, turned_round(films), film_reader, tmp_path / "e", seen_anyway=seen_anyway)

    monkeypatch.setattr(evaluate, "evaluate_named", judged)
    code = main(["evaluate", str(tmp_path), run.name, "--out", str(tmp_path / "e"), "--seen-anyway"])
    lines = capsys.readouterr().out.splitlines()
    page = write_report(tmp_path / "page.html", _report(Report, tmp_path), seconds=1)

    assert code == 0 and asked == {"seen_anyway": True}
    until = lines.index("", lines.index("Controls, on the same cases"))
    figures = [line for line in lines[3:until] if line.startswith("  ") and not line.startswith("  SEEN IN TRAINING.")]
    figures = [line for line in figures if " is not there: " not in line]
    assert figures and all(line.endswith(" · SEEN IN TRAINING") for line in (lines[0], *figures))
    assert page.read_text().count("SEEN IN TRAINING") >= 2


def _report(kind: Any, folder: Path) -> Any:
    report = kind()
    report.figures("discs", json.loads((folder / "e" / "figures.json").read_text()))
    return report


def test_other_ids_paths_and_storage_hide_no_image(run: Path, films: Any, film_reader: Any, tmp_path: Path) -> None:
    other = turned_round(films)
    for number, film in enumerate(other.items):
        film.image_id, film.patient_id = f"{number + 100:032x}", f"new{number}"
        film.path, film.pixel_sha256 = Path(f"elsewhere/{number}.png"), ""

    def as_rgb(film: Any) -> Any:
        values = np.stack([film_reader(film)[0]] * 3, axis=2)
        return values, PixelFacts(rows=values.shape[0], cols=values.shape[1], samples=3, photometric="RGB")

    with pytest.raises(BadRequest, match="trained on 8 "):
        judge(run, other, as_rgb, tmp_path / "e")


def test_another_film_of_a_patient_it_learned_from_is_seen_too(
    run: Path, films: Any, film_reader: Any, tmp_path: Path
) -> None:
    other = turned_round(films)
    rng = np.random.default_rng(4)
    for film in other.items:
        if film.part == "test":
            film.image_id, film.pixels = film.image_id[::-1], rng.integers(0, 4000, (30, 30)).astype(np.uint16)

    with pytest.raises(BadRequest, match="trained on other images of the patients of 8"):
        judge(run, other, film_reader, tmp_path / "e")
    for film in other.items:
        film.source = "another hospital"  # whose P0 is another person
    assert judge(run, replace_name(other), film_reader, tmp_path / "f")["seen"]["cases"] == 0


def replace_name(films: Any) -> Any:
    return type(films)(films.items, name="renamed")


def test_a_run_has_seen_what_its_start_has_seen(
    run: Path, films: Any, film_reader: Any, tiny_recipe: Any, new_run: Any, tmp_path: Path
) -> None:
    other = turned_round(films)
    second = new_run(tiny_recipe(epochs=1, init=run.name), "second")
    run_training(second, other, reader=film_reader)
    project = run.parent.parent

    seen = read_seen(second)

    assert seen is not None and seen.starts == (run.name,)
    assert {sha256_of(film.pixels)[:32] for film in films.items if film.part == "train"} <= seen.trained
    with pytest.raises(BadRequest, match="or one it started from, was trained on 8"):
        judge(second, other, film_reader, tmp_path / "e")
    told = start_doubts(project, run.name, other.parts())
    assert told == (
        "Of the 8 images of the test part, the start was trained on 8 (4 patients in all): figures on them will be "
        "too good.",
    )
    started = [json.loads(line) for line in (second / "events.jsonl").read_text().splitlines()]
    assert any(told[0] in event.get("notes", ()) for event in started)
    card = json.loads((second / "card.json").read_text())
    assert told[0] in card["notes"]
    (model,) = [p for p in (project / "models").iterdir() if read_seen(p) == seen]
    assert model.name == card["model_hash"][:16]


def test_of_a_run_from_before_it_is_said_that_it_is_not_known(
    run: Path, films: Any, film_reader: Any, tiny_recipe: Any, new_run: Any, tmp_path: Path
) -> None:
    (run / SEEN_FILE).unlink()
    second = new_run(tiny_recipe(epochs=1, init=run.name), "second")
    run_training(second, films, reader=film_reader)

    first = judge(run, turned_round(films), film_reader, tmp_path / "a")
    later = judge(second, films, film_reader, tmp_path / "b")

    assert any("What first was trained on is not known" in note for note in first["notes"])
    assert any("What first has seen, from which second started, is not known" in note for note in later["notes"])
    assert "first has seen is not known" in start_doubts(run.parent.parent, "second", films.parts())[0]


def test_a_damaged_list_makes_no_model_look_unseen(run: Path, films: Any, film_reader: Any, tmp_path: Path) -> None:
    good = json.loads((run / SEEN_FILE).read_text())
    for broken in (
        '{"format": 1}',
        json.dumps({**good, "trained": "all"}),
        json.dumps({**good, "trained": ["x"]}),
        "[",
    ):
        (run / SEEN_FILE).write_text(broken)
        with pytest.raises(BadModel, match=r"seen\.json"):
            judge(run, films, film_reader, tmp_path / "e")
        with pytest.raises(BadModel, match=r"seen\.json"):
            load_model(run)


def test_a_prediction_on_a_training_image_says_so_however_it_is_stored(run: Path, films: Any) -> None:
    loaded = load_model(run)

    def answer(film: Any, values: np.ndarray) -> Any:
        facts = PixelFacts(rows=values.shape[0], cols=values.shape[1], samples=3 if values.ndim == 3 else 1)
        frame = Frame(
            ref=FrameRef(path=Path("x.png")), stored=values, facts=facts, identity=FrameIdentity(modality="DX"),
            decoder="png",
        )  # fmt: skip
        return predict(loaded, frame, film.image_id)

    by_part = {film.part: film for film in films.items}
    for part, word, words in (
        ("train", "trained on", "in this model's training set"),
        ("val", "validated on", "in this model's validation part"),
        ("test", "", ""),
    ):
        film = by_part[part]
        for values in (film.pixels, np.stack([film.pixels] * 3, axis=2)):
            prediction = answer(film, values)
            assert (prediction.seen, prediction.seen_words) == (word, words)


def test_patients_of_a_model_that_left_its_project_are_not_taken_for_others(
    run: Path, films: Any, film_reader: Any, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(run, elsewhere / "runs" / run.name)
    other = turned_round(films)
    for film in other.items:
        film.pixels = film.pixels[::-1].copy()  # the same names on other images, in another project

    assert patient_key(elsewhere, make=False) is None
    document = judge(elsewhere / "runs" / run.name, other, film_reader, tmp_path / "e")

    assert document["seen"]["cases"] == 0


def test_storage_that_tells_a_class_is_said_before_the_first_step(
    disc_films: Any, film_reader: Any, tiny_recipe: Any, new_run: Any, tmp_path: Path
) -> None:
    films = disc_films(count=32)

    def reader(film: Any) -> Any:
        values, facts = film_reader(film)
        if film.labels["sick"] == "yes":
            return values, replace(facts, lossy=True)
        return values, facts

    folder = new_run(tiny_recipe(epochs=1))
    run_training(folder, films, reader=reader)
    document = judge(folder, films, reader, tmp_path / "e")

    events = [json.loads(line) for line in (folder / "events.jsonl").read_text().splitlines()]
    (started,) = [event for event in events if event["event"] == "started"]
    assert any("How the images are stored tells" in note and "the compression" in note for note in started["notes"])
    assert document["answers"]["how it is stored"]["auc"]["value"] == 1.0  # from the compression alone


def test_told_right_is_a_vote_of_the_others() -> None:
    shows = np.array([True] * 6 + [False] * 6)

    assert told_right(["png"] * 6 + ["jpg"] * 6, shows) == 1.0
    assert told_right(["png"] * 12, shows) == pytest.approx(0.0)  # each one's own class is the rarer among the others
    assert told_right([str(number) for number in range(12)], shows) == 0.5  # a value of its own tells nothing


def test_what_chance_makes_is_no_doubt() -> None:
    rng = np.random.default_rng(7)
    names = ("kind", "photometric", "type", "bits", "lossy", "padding", "slope", "size")
    said = 0
    for _ in range(20):
        facts = [{name: str(rng.integers(2)) for name in names} for _ in range(24)]
        said += bool(storage_doubts(facts, rng.integers(0, 2, (24, 1)).astype(float), ["sick"]))
    assert said <= 3  # 8 facts at 1 % each, where three in four are told right at all
