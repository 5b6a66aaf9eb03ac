"""Small sound files of every kind that is no DICOM, written by the libraries that know them; mutants are made of them.

The folder of each kind holds its files and what they name; `MUTATED` says which of them are changed.
"""

import gzip
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np

MUTATED = {
    "jpeg": "*.jpg",
    "png": "*.png",
    "tiff": "*.tif",
    "nifti": "*.nii*",
    "nrrd": "*.n*r*d",
    "metaimage": "*.mh*",
    "coco": "*.json",
    "csv": "*.csv",
    "safetensors": "*.safetensors",
    "project": "project*.db",
}


def write_bases(folder: Path) -> None:
    """Every kind's folder below `folder`."""
    for kind, write in WRITERS.items():
        place = folder / kind
        place.mkdir(parents=True)
        write(place)


def bases_of(folder: Path, kind: str) -> list[Path]:
    """The files of a kind that are mutated, in an order that does not depend on the file system."""
    return sorted((folder / kind).glob(MUTATED[kind]))


def _grey(rows: int = 24, cols: int = 32, dtype: str = "uint8") -> Any:
    ramp = np.add.outer(np.arange(rows), np.arange(cols)) * (250 // (rows + cols))
    return ramp.astype(dtype)


def _colour() -> Any:
    return np.stack([_grey(), _grey()[::-1], _grey()[:, ::-1]], axis=2)


def _jpeg(place: Path) -> None:
    from PIL import Image

    exif = Image.Exif()
    exif[274] = 6
    for name, mode, how in (
        ("grey", "L", {}),
        ("colour", "RGB", {"subsampling": 2}),
        ("progressive", "RGB", {"progressive": True}),
        ("turned", "L", {"exif": exif}),
        ("restarts", "L", {"restart_marker_blocks": 2}),
        ("cmyk", "CMYK", {}),
    ):
        Image.fromarray(_colour()).convert(mode).save(place / f"{name}.jpg", "JPEG", quality=90, **how)
    import imagecodecs

    twelve = _grey(dtype="uint16") * 16
    (place / "twelve.jpg").write_bytes(imagecodecs.jpeg8_encode(twelve, bitspersample=12))
    (place / "lossless.jpg").write_bytes(imagecodecs.jpeg8_encode(_grey(), lossless=True, predictor=1))


def _png(place: Path) -> None:
    from PIL import Image, PngImagePlugin

    said = PngImagePlugin.PngInfo()
    said.add_text("Comment", "a film", zip=True)
    colour = Image.fromarray(_colour())
    colour.save(place / "colour.png", pnginfo=said)
    for name, mode in (("grey", "L"), ("palette", "P"), ("alpha", "RGBA"), ("grey_alpha", "LA"), ("bits", "1")):
        colour.convert(mode).save(place / f"{name}.png", optimize=False)
    Image.fromarray(_grey(dtype="uint16") * 200).save(place / "sixteen.png")
    colour.save(place / "moving.png", save_all=True, append_images=[colour.rotate(90, expand=True)])


def _tiff(place: Path) -> None:
    import tifffile

    for name, array, how in (
        ("grey", _grey(), {}),
        ("sixteen", _grey(dtype="uint16") * 200, {"byteorder": ">"}),
        ("floats", _grey(dtype="float32") / 7, {}),
        ("colour", _colour(), {"photometric": "rgb"}),
        ("deflated", _grey(64, 64), {"compression": "zlib", "predictor": True}),
        ("lzw", _grey(), {"compression": "lzw"}),
        ("packbits", _grey(), {"compression": "packbits"}),
        ("jpeg", _colour(), {"compression": "jpeg", "photometric": "rgb"}),
        ("tiles", _grey(64, 64), {"tile": (16, 16)}),
        ("pages", np.stack([_grey()] * 3), {"photometric": "minisblack"}),
        ("big", _grey(), {"bigtiff": True}),
        ("planes", np.moveaxis(_colour(), 2, 0), {"photometric": "rgb", "planarconfig": "separate"}),
        ("imagej", np.stack([_grey()] * 3), {"imagej": True, "metadata": {"axes": "ZYX"}}),
    ):
        how = {} if how is None else how
        tifffile.imwrite(place / f"{name}.tif", array, **how)


def _volumes(place: Path, names: tuple[str, ...]) -> None:
    import SimpleITK as sitk

    for name in names:
        array = np.stack([_grey(12, 16, "int16") * (n + 1) for n in range(4)])
        if "float" in name:
            array = array.astype(np.float32) / 3
        image = sitk.GetImageFromArray(np.stack([array] * 2) if "four" in name else array)
        size = image.GetDimension()
        image.SetSpacing([0.7, 0.8, 2.0, 1.0][:size])
        sitk.WriteImage(image, str(place / name), useCompression="packed" in name)


def _nifti(place: Path) -> None:
    _volumes(place, ("plain.nii", "float.nii", "four.nii", "gz.nii.gz"))


def _nrrd(place: Path) -> None:
    _volumes(place, ("plain.nrrd", "packed.nrrd", "float.nrrd", "apart.nhdr"))


def _metaimage(place: Path) -> None:
    _volumes(place, ("plain.mha", "packed.mha", "float.mha", "apart.mhd", "four.mha"))


def _films(place: Path) -> list[str]:
    from PIL import Image

    names = []
    for number in range(3):
        Image.fromarray(_grey() + number).save(place / f"film{number}.png")
        names.append(f"film{number}.png")
    return names


def _coco(place: Path) -> None:
    names = _films(place)
    images = [
        {"id": number, "file_name": name, "width": 32, "height": 24, "patient_id": f"P{number}"}
        for number, name in enumerate(names)
    ]
    shapes: list[dict[str, Any]] = [
        {"bbox": [2, 3, 10, 8]},
        {"bbox": [1, 1, 9, 9], "segmentation": [[1, 1, 10, 1, 10, 10, 1, 10]]},
        {"bbox": [0, 0, 2, 24], "segmentation": {"size": [24, 32], "counts": [0, 48, 720]}, "iscrowd": 1},
        {"bbox": [0, 0, 2, 24], "segmentation": {"size": [24, 32], "counts": "0`1Q6"}, "iscrowd": 1},
        {"segmentation": [[1, 1, 5, 1, 5, 5], [20, 3, 28, 3, 28, 9]]},
    ]
    rows = [
        {"id": number, "image_id": number % 3, "category_id": 1 + number % 2, "area": 80.5, "iscrowd": 0, **shape}
        for number, shape in enumerate(shapes)
    ]
    document = {
        "info": {"description": "made up"},
        "images": images,
        "annotations": rows,
        "categories": [{"id": 1, "name": "nodule"}, {"id": 2, "name": "lung", "supercategory": "organ"}],
    }
    (place / "instances.json").write_text(json.dumps(document))


def _csv(place: Path) -> None:
    names = _films(place)
    sheet = ["path,patient_id,label,frame,x,y,w,h", *(f"{name},P{n},yes,0,1,2,5,6" for n, name in enumerate(names))]
    (place / "sheet.csv").write_text("\n".join(sheet) + "\n")
    (place / "german.csv").write_text("\n".join(line.replace(",", ";") for line in sheet) + "\n")
    from viewer.exchange.own_table import EXPORT_COLUMNS

    own = [",".join(EXPORT_COLUMNS)]
    for number, name in enumerate(names):
        common = f"{name},0,,films,P{number},done"
        own += [f"{common},image,,,,,,,,,,", f"{common},image label,sick,yes,,,,,,,Ada,drawn"]
        own += [f"{common},box,nodule,,1,2,9.5,8,,,Ada,drawn"]
        own += [f'{common},polygon,lung,,,,,,"[[1,1],[9,1],[9,9]]",,Ada,drawn']
        own += [f'{common},mask,lung,,,,,,,"{{""rows"":24,""cols"":32,""runs"":[[1,2,9],[2,2,9]]}}",Ada,drawn']
    (place / "own.csv").write_text("\n".join(own) + "\n")


def _safetensors(place: Path) -> None:
    from safetensors.numpy import save_file

    tensors = {
        "conv.weight": np.ones((4, 1, 3, 3), np.float32),
        "conv.bias": np.zeros(4, np.float32),
        "steps": np.array([3], np.int64),
    }
    save_file(tensors, place / "plain.safetensors")
    said = {"negatoscope": json.dumps({"counters": {"epoch": 1, "step": 2}, "names": ["a", None]})}
    save_file(tensors, place / "state.safetensors", metadata=said)


def _project(place: Path) -> None:
    from viewer.core.labels import Verdict
    from viewer.core.shapes.kinds.box import Box
    from viewer.core.shapes.kinds.mask import MaskRuns
    from viewer.core.shapes.kinds.polygon import Polygon
    from viewer.project import edit_builders as edits
    from viewer.project.project import Project
    from viewer.project.records import NewImage, Task

    folder = place / "made"
    with Project.create(folder, author="Ada") as project:
        made = [
            NewImage(
                path=Path(f"/pictures/{n}.png"), rows=24, cols=32, pixel_sha256=f"{n:064x}", patient_id=f"P{n}",
                source="made up", tags={"PatientAge": "040Y"},
            )
            for n in range(4)
        ]  # fmt: skip
        ids = project.images.register(made)
        mask = MaskRuns.from_array(_grey() > 100)
        outline = Polygon(points_px=((1.0, 1.0), (9.0, 1.5), (4.0, 8.0)))
        for image_id in ids:
            for label, shape in (("nodule", Box(x0_px=1, y0_px=1, x1_px=9, y1_px=8)), ("lung", mask), ("rib", outline)):
                project.history.do(edits.add_annotation(image_id, label, shape, author="Ada"))
            project.history.do(edits.say_image_label(image_id, "sick", before=None, after=Verdict.YES))
        project.history.undo()
        project.tasks.put(Task(name="sick?", kind="classification", labels=("sick",), exclusive=False))
    shutil.move(folder / "project.db", place / "project.db")
    shutil.rmtree(folder)


def packed(data: bytes) -> bytes:
    """gzip without the time of packing."""
    return gzip.compress(data, 6, mtime=0)


WRITERS = {
    "jpeg": _jpeg,
    "png": _png,
    "tiff": _tiff,
    "nifti": _nifti,
    "nrrd": _nrrd,
    "metaimage": _metaimage,
    "coco": _coco,
    "csv": _csv,
    "safetensors": _safetensors,
    "project": _project,
}
