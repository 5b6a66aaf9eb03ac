"""Mask pictures that a table names mean what they mean in a folder; a broken one of any kind is a sentence."""

import warnings
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.exchange.mask_pictures import areas_by_picture
from viewer.exchange.importing import ImportReport
from viewer.exchange.mask_meaning import choice_of
from viewer.exchange.mask_picture import read_regions
from viewer.project.project import Project

SIZE = 128


def test_a_disc_as_png_as_jpeg_and_with_a_soft_edge_is_the_same_disc(
    project: Project, tmp_path: Path, write_picture: Callable[..., Path], bring_in: Callable[..., ImportReport]
) -> None:
    y, x = np.mgrid[:SIZE, :SIZE]
    disc = ((y - 64) ** 2 + (x - 60) ** 2 < 30**2).astype(np.uint8) * 255
    fine = np.mgrid[: 4 * SIZE, : 4 * SIZE]
    large = ((fine[0] - 257.5) ** 2 + (fine[1] - 241.5) ** 2 < 120**2).astype(np.uint8) * 255
    Image.fromarray(disc).save(tmp_path / "hard.png")
    Image.fromarray(disc).save(tmp_path / "lossy.jpg", quality=75)
    Image.fromarray(large).resize((SIZE, SIZE), Image.Resampling.BILINEAR).save(tmp_path / "soft.png")
    lines = ["path,mask_path"]
    for seed, mask in enumerate(("hard.png", "lossy.jpg", "soft.png")):
        write_picture(tmp_path / f"film{seed}.png", seed, rows=SIZE, cols=SIZE)
        lines.append(f"film{seed}.png,{mask}")
    (tmp_path / "t.csv").write_text("\n".join(lines))

    report = bring_in(project, "csv", tmp_path / "t.csv", {"map": ["mask=mask_path,mask_label=disc"]})

    right = int((disc > 0).sum())
    found = areas_by_picture(project)
    assert found["film0.png"] == {"disc": right}
    for name in ("film1.png", "film2.png"):
        assert found[name]["disc"] == pytest.approx(right, rel=0.02)
    assert any("lossy" in text and "lossy.jpg" in text for text in report.notes)
    assert any("soft" in text and "soft.png" in text for text in report.notes)


def test_the_options_for_masks_hold_for_tables(
    project: Project, tmp_path: Path, write_picture: Callable[..., Path], bring_in: Callable[..., ImportReport]
) -> None:
    classes = np.zeros((37, 23), np.uint8)
    classes[2:4], classes[10:13] = 1, 2
    Image.fromarray(classes).save(tmp_path / "m.png")
    write_picture(tmp_path / "a.png")
    (tmp_path / "t.csv").write_text("path,mask_path\na.png,m.png\n")

    report = bring_in(project, "csv", tmp_path / "t.csv")
    assert "2 values besides 0" in report.problems[0][1]

    bring_in(project, "csv", tmp_path / "t.csv", {"mask-value": ["1=lung", "2=heart"]})
    assert areas_by_picture(project) == {"a.png": {"lung": 46, "heart": 69}}


def masks() -> dict[str, bytes]:
    import tifffile

    values = np.zeros((60, 80), np.uint8)
    values[10:30, 10:20], values[40:50, 30:44] = 1, 2
    indexed = Image.frombytes("P", (80, 60), values.tobytes())
    indexed.putpalette([0, 0, 0, 255, 0, 0, 0, 255, 0])
    pictures = {
        "PNG": Image.fromarray(values * 100),
        "JPEG": Image.fromarray(values * 100),
        "BMP": Image.fromarray(values * 100),
        "GIF": indexed,
        "TIFF": Image.fromarray(values.astype(bool)),
    }
    found = {}
    for kind, picture in pictures.items():
        out = BytesIO()
        picture.save(out, kind)
        found[kind.lower()] = out.getvalue()
    for name, pixels in (("layer.png", Image.fromarray(np.dstack([values, values * 9]))), ("palette.png", indexed)):
        out = BytesIO()
        pixels.save(out, "PNG")
        found[name] = out.getvalue()
    out = BytesIO()
    tifffile.imwrite(out, values.astype(np.float32), compression="zlib")
    return {**found, "float.tif": out.getvalue()}


CHOICES = (
    choice_of("", (), ""), choice_of("classes", (), ""), choice_of("instances", (), ""), choice_of("one", (), ""),
    choice_of("", ("0", "255=x", "#ff0000"), ""), choice_of("", (), "0.5"),
)  # fmt: skip


@pytest.mark.parametrize("name", list(masks()))
def test_a_mutated_mask_is_regions_or_a_sentence_that_names_it(tmp_path: Path, name: str) -> None:
    whole = masks()[name]
    rng = np.random.default_rng(14)
    path = tmp_path / f"mask.{name}"
    for number in range(48):
        data = bytearray(whole)
        at = int(rng.integers(0, min(len(data), 300)))
        if number % 3 == 0:
            del data[at:]
        elif number % 3 == 1:
            data[at] = int(rng.integers(0, 256))
        else:
            data[at : at + int(rng.integers(1, 12))] = rng.integers(
                0, 256, int(rng.integers(0, 12)), np.uint8
            ).tobytes()
        path.write_bytes(bytes(data))

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow and tifffile warn of odd tags
            _, remarks = read_regions(path, label="mask", choice=CHOICES[number % 6], image=None)

        assert all(str(path) in remark.sentence for remark in remarks)
