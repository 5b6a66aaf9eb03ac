"""`project planes`: a length on a plane through a volume is kept in the patient's mm, listed, removed, taken back."""

from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.project.conftest import made_up_image
from viewer.cli.main import main
from viewer.project.project import Project

SPACE = {"FrameOfReferenceUID": "1.2.9"}


@pytest.fixture
def volume(tmp_path: Path) -> Path:
    """Three slices of one series in one case."""
    folder = tmp_path / "project"
    with Project.create(folder, author="Ada", case_unit="series") as project:
        facts = {"series_id": "S", "study_uid": "1.2", "of_stack": True, "tags": SPACE}
        project.images.register([made_up_image(n, "P1", **facts) for n in range(3)])
    return folder


def measure(folder: Path, *points: str, plane: str = "coronal", kind: str = "length", film: str = "0001.png") -> list:
    return ["project", "planes", folder, "--through", film, "--plane", plane, "--measure", kind, "--points", *points]


def test_a_length_on_a_coronal_plane_is_kept_and_listed(
    run: Run, volume: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # Across 30 mm and up 40 mm: 50 mm.
    (kept,) = run(*measure(volume, "-70 12.5 40", "-40 12.5 80"))["measurements"]
    assert kept["values"] == ["50.0 mm"] and kept["kind"] == "length" and kept["film"] == "0000.png"
    assert kept["points_mm"] == [[-70.0, 12.5, 40.0], [-40.0, 12.5, 80.0]]
    assert kept["frame_of_reference_uid"] == "1.2.9" and kept["author"] == "Ada"
    # Seen from the front: columns to the patient's left, rows to the feet (PS3.3 C.7.6.2.1.1).
    assert (kept["origin_mm"], kept["row_cosines"], kept["col_cosines"]) == ([0, 12.5, 0], [1, 0, 0], [0, 0, -1])

    assert main(["project", "planes", str(volume)]) == 0
    words = "length 50.0 mm · Coronal through 0000.png · (-70.0, 12.5, 40.0) (-40.0, 12.5, 80.0)"
    assert words in capsys.readouterr().out
    assert main(["project", "info", str(volume)]) == 0
    assert "1 measurement on planes through volumes" in capsys.readouterr().out
    assert run("project", "verify", volume)["ok"] is True

    assert run("project", "undo", volume)["undone"] == "measure length"
    assert run("project", "planes", volume)["measurements"] == []
    run("project", "redo", volume)
    assert run("project", "planes", volume)["measurements"] == [kept]
    run("project", "planes", volume, "--remove", kept["measurement_id"][:6])
    assert run("project", "planes", volume)["measurements"] == []


def draw(folder: Path, kind: str, *points: str, label: str = "nodule") -> list:
    words = ["project", "planes", folder, "--through", "0001.png", "--plane", "coronal", "--draw", kind]
    return [*words, "--label", label, "--points", *points]


def test_a_box_on_a_coronal_plane_is_kept_listed_and_its_case_begun(
    run: Run, volume: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # Two corners in any order: the one to the feet first. Its rows go to the feet, so its least y is at z = 80.
    (kept,) = run(*draw(volume, "box", "-70 12.5 40", "-40 12.5 80"))["shapes"]
    assert (kept["label"], kept["kind"], kept["values"]) == ("nodule", "box", ["30.0 × 40.0 mm"])
    assert kept["points_mm"] == [[-70.0, 12.5, 80.0], [-40.0, 12.5, 40.0]] and kept["author"] == "Ada"
    for kind, points in (("point", ["1 12.5 2"]), ("polyline", ["0 12.5 0", "3 12.5 4"])):
        run(*draw(volume, kind, *points, label="vessel"))
    assert main(["project", "planes", str(volume)]) == 0
    said = capsys.readouterr().out
    assert "nodule · box 30.0 × 40.0 mm · Coronal through 0000.png · (-70.0, 12.5, 80.0) (-40.0, 12.5, 40.0)" in said
    assert "vessel · point · Coronal through 0000.png · (1.0, 12.5, 2.0)" in said
    assert "3 shapes and 0 measurements on planes" in said
    assert main(["project", "info", str(volume)]) == 0
    assert "3 shapes on planes through volumes" in capsys.readouterr().out
    assert main(["project", "objects", str(volume)]) == 0
    assert "nodule · " in (said := capsys.readouterr().out) and "1 plane through 0000.png" in said
    assert run("project", "verify", volume)["ok"] is True
    assert run("project", "info", volume)["progress"]["in progress"] == 1
    run("project", "planes", volume, "--remove", kept["annotation_id"][:6])
    assert [one["label"] for one in run("project", "planes", volume)["shapes"]] == ["vessel", "vessel"]


def test_an_angle_on_a_sagittal_plane(run: Run, volume: Path) -> None:
    (kept,) = run(*measure(volume, "5 10 0", "5 0 0", "5 0 -7", plane="sagittal", kind="angle"))["measurements"]
    assert kept["values"] == ["90.0°"]


def test_each_reader_has_their_own(run: Run, volume: Path) -> None:
    run(*measure(volume, "-70 12.5 40", "-40 12.5 80"), "--reader", "Ada")
    assert run("project", "planes", volume)["measurements"] == []
    assert len(run("project", "planes", volume, "--reader", "Ada")["measurements"]) == 1


def test_of_several_readers_a_rule_lists_what_stands_and_each_lists_whose_it_is(
    run: Run, volume: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No reader sees another's in the list of their own."""
    run("project", "readings", volume, "--each")
    here, there = ["-70 12.5 40", "-40 12.5 80"], ["-70 14 40", "-40 14 80"]
    for name in ("Ada", "Bob"):
        run(*draw(volume, "box", *here), "--reader", name)
        # Each on a plane of their own: nothing compares the two.
        run(*draw(volume, "point", (here if name == "Ada" else there)[0], label="vessel"), "--reader", name)
        run(*measure(volume, *here), "--reader", name)
        assert len(run("project", "planes", volume, "--reader", name)["shapes"]) == 2
        if name == "Ada":
            assert run("project", "planes", volume, "--reader", "Bob")["shapes"] == []
            assert run("project", "planes", volume, "--readings", "agreed")["shapes"] == []  # no reading counts yet
        run("project", "case", volume, "complete", "0000.png", "--reader", name)

    agreed = run("project", "planes", volume, "--readings", "agreed")
    assert [(one["label"], one["author"]) for one in agreed["shapes"]] == [("nodule", "Ada")]
    assert [one["labels"] for one in agreed["unknown"]] == [["vessel"]] and len(agreed["measurements"]) == 2
    each = run("project", "planes", volume, "--readings", "each")
    assert sorted((one["label"], one["reader"]) for one in each["shapes"]) == [
        (label, name) for label in ("nodule", "vessel") for name in ("Ada", "Bob")
    ]
    bobs = run("project", "planes", volume, "--readings", "reader:Bob")
    assert sorted((one["label"], one["author"]) for one in bobs["shapes"]) == [("nodule", "Bob"), ("vessel", "Bob")]
    assert bobs["unknown"] == []
    assert main(["project", "planes", str(volume), "--readings", "majority"]) == 0
    said = capsys.readouterr().out
    assert "1 shape and 2 measurements on planes" in said
    assert "unknown, for readers differ: vessel through 0000.png" in said
    assert main(["project", "info", str(volume), "--readings", "union"]) == 0
    assert "3 shapes on planes through volumes" in capsys.readouterr().out
    for form, rule, words in (
        ("csv", "agreed", ", 1 shape and 2 measurements on planes > "),
        ("csv", "each", ", 4 shapes and 2 measurements on planes > "),
        ("coco", "each", ", 0 annotations, 0 whole-image labels > "),  # it has no place for them, and says so before
    ):
        out = tmp_path / f"{rule}.{form}"
        assert main(["annotate", "export", str(volume), "--format", form, "--out", str(out), "--readings", rule]) == 0
        assert words in capsys.readouterr().out
    for more in (["--reader", "Ada"], ["--remove", "abc"]):
        assert main(["project", "planes", str(volume), "--readings", "agreed", *more]) == 2
    assert run("project", "verify", volume)["ok"] is True


def test_a_case_that_is_taken_out_takes_it_along_and_brings_it_back(
    run: Run, volume: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (kept,) = run(*measure(volume, "-70 12.5 40", "-40 12.5 80"))["measurements"]
    assert main(["project", "take-out", str(volume), "0000.png"]) == 2
    assert "1 case with 3 images: 1 measurement goes with it." in capsys.readouterr().err
    run("project", "take-out", volume, "0000.png", "--with-work")
    assert run("project", "planes", volume)["measurements"] == []
    assert run("project", "verify", volume)["ok"] is True
    run("project", "undo", volume)
    assert run("project", "planes", volume)["measurements"] == [kept]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (measure(Path(), "-70 12.5 40", "-40 14 80"), "lies 1.50 mm off the plane"),
        (measure(Path(), "-70 12.5", "-40 14 80"), "“-70 12.5” is no point"),
        (measure(Path(), "0 0 0", "1 0 0", kind="box"), "Nothing is measured by a box"),
        (measure(Path(), "0 0 0", "1 0 1", kind="ellipse"), "measures an image's pixels, and lies on no plane"),
        (measure(Path(), "0 0 0", kind="length"), "A length needs two points"),
        (measure(Path(), "0 0 0", "1 0 0", film="x.png"), "No image of this project is called x.png"),
        (draw(Path(), "mask", "0 0 0", "1 0 0"), "A mask is painted, and has no points"),
        (draw(Path(), "length", "0 0 0", "1 0 0"), "A length is a measurement"),
        (draw(Path(), "box", "0 0 0", "1 0 0"), "A box needs a width and a height"),
        (draw(Path(), "box", "0 0 0"), "two of its corners"),
        ([*measure(Path(), "0 0 0", "1 0 0"), "--label", "x"], "Draw with --draw and --label, or measure"),
        (["project", "planes", Path(), "--through", "0001.png"], "give --through, --plane, --measure and --points"),
        (
            ["project", "planes", Path(), "--remove", "abc"],
            "No shape or measurement that is listed has an id that begins",
        ),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_kept(
    run: Run, volume: Path, capsys: pytest.CaptureFixture[str], words: list[object], sentence: str
) -> None:
    words[2] = volume
    assert main([str(one) for one in words]) == 2
    assert sentence in capsys.readouterr().err
    assert run("project", "planes", volume)["measurements"] == []


def test_a_film_without_a_frame_of_reference_has_no_planes(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "films"
    with Project.create(folder) as project:
        project.images.register([made_up_image(0, "P", series_id="S")])
    assert main([str(one) for one in measure(folder, "0 0 0", "1 0 0", film="0000.png")]) == 2
    assert "0000.png names no frame of reference" in capsys.readouterr().err
