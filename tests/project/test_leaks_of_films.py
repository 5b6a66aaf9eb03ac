"""The leak audit on real chest films: every planted copy is found, and no pair that a person would call two films.

What a person calls one among them is known from the sets' own README: images384 of NIH repeats films of images64, two
journals printed four films of one woman under two patient ids, and one film of a child lies there twice.
"""

import csv
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.project.alike_films import DONE, Grey, write_dicom, write_png
from tests.project.test_leaks import files_of, frozen, of_kind
from viewer.project.leaks.alike import alike
from viewer.project.leaks.audit import make_audit
from viewer.project.leaks.looks import look_of
from viewer.project.project import Project
from viewer.reading.frames import read_frame
from viewer.reading.series import FrameRef

SETS = (
    ("kermany", "labels"),
    ("nih", "labels"),
    ("nih", "labels384"),
    ("lungs", "labels"),
    ("lungs_shenzhen", "labels"),
)
EACH = 12  # how many films each thing is done to


def read_sets(cxr: Path) -> list[tuple[Path, str]]:
    """(film, whose it is) of every film."""
    found = []
    for name, table in SETS:
        with (cxr / name / f"{table}.csv").open(newline="", encoding="utf-8") as file:
            found += [(cxr / name / row["path"], f"{name} {row['patient_id']}") for row in csv.DictReader(file)]
    return found


def grey_of(path: Path) -> Grey:
    return np.asarray(Image.open(path).convert("L"), np.float32)


def is_one(first: Path, second: Path) -> bool:
    """Whether the sets' README calls the two one film."""
    names = {first.name, second.name}
    if first.stem == second.stem and {first.parent.name, second.parent.name} == {"images64", "images384"}:
        return True
    of_two_journals = {
        "16660_2_1": "admission", "16660_3_1": "day-1", "16660_4_1": "day-2", "16660_5_1": "day-3",
    }  # fmt: skip
    one, other = sorted((first.stem, second.stem))
    return names == {"person1619_bacteria_4267.jpg", "person1619_bacteria_4268.jpg"} or (
        other.startswith("covid-19-rapidly-progressive")
        and one in of_two_journals
        and other.endswith(of_two_journals[one])
    )


@pytest.mark.full
@pytest.mark.parametrize("known", [True, False], ids=["with their patient ids", "without patient ids"])
def test_among_real_films_only_those_are_pairs_that_are_one(data_folder: Path, known: bool) -> None:
    films = read_sets(data_folder / "cxr")
    looks = []
    for path, _ in films:
        frame = read_frame(FrameRef(path=path, frame_index=0))
        looks.append(look_of(frame.stored, frame.facts))
    people = {name: place for place, name in enumerate(dict.fromkeys(patient for _, patient in films))}
    count = len(films)
    whose = np.array([people[patient] for _, patient in films]) if known else np.arange(count)

    found = alike(looks, whose, np.full(count, -1), np.full(count, known))

    pairs = [(films[pair.first][0], films[pair.second][0]) for pair in found]
    wrong = [(one.name, other.name) for one, other in pairs if not is_one(one, other)]
    print(f"\n{len(pairs)} pairs among {count} films, {len(wrong)} of them wrong")  # noqa: T201
    assert (len(pairs), wrong) == (30, [])


@pytest.mark.full
def test_every_copy_that_is_planted_among_real_films_is_found(
    data_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = [one for one in read_sets(data_folder / "cxr") if one[0].parent.name != "images384"]
    rng = np.random.default_rng(17)
    large = [path for path, _ in source if path.parent.name != "images64" and "covid-19-rapidly" not in path.name]
    chosen = rng.choice(len(large), (len(DONE) + 1) * EACH, replace=False)
    folder, planted = tmp_path / "films", {}
    for path in [path for path, _ in source if "covid-19-rapidly" not in path.name][::3] + [
        large[one] for one in chosen
    ]:
        target = folder / f"{path.parent.parent.name}_{path.name}"
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(path.read_bytes())
    for place, number in enumerate(chosen):
        path = large[number]
        what = [*DONE, "DICOM of 12 bits"][place // EACH]
        grey = grey_of(path)
        copy = folder / f"copy{place:03}.{'dcm' if what not in DONE else 'png'}"
        write_png(copy, DONE[what](grey)) if what in DONE else write_dicom(copy, grey, patient=f"copy{place}")
        planted[copy.name] = f"{path.parent.parent.name}_{path.name}", what

    with Project.create(tmp_path / "project", author="Ada") as project:
        audit = make_audit(project, frozen(project, folder, dict.fromkeys(planted, "test")))

    found = {frozenset(files_of(leak)) for leak in of_kind(audit, "near") + of_kind(audit, "pixels")}
    missed = [what for copy, (original, what) in planted.items() if frozenset((copy, original)) not in found]
    wrong = [
        sorted(pair) for pair in found if not pair & planted.keys() and not any("person1619" in one for one in pair)
    ]
    with capsys.disabled():
        print(f"\n{len(planted) - len(missed)} of {len(planted)} planted copies found among {audit.images} films")  # noqa: T201
    assert (missed, wrong) == ([], [])
