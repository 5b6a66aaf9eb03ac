"""`negatoscope export`: the exact arrays of images."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from viewer.cli.output import Output
    from viewer.reading.frame import Frame
    from viewer.reading.series import FrameRef

HELP = "Write images as exact arrays: NPY, or 16-bit PNG and TIFF where nothing is lost."
EXAMPLE = "negatoscope export /data/study/slice.dcm --out slice.npy --values modality"

SUFFIXES = (".npy", ".png", ".tif", ".tiff")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """PATH..., --out, --series, --frame, --values."""
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="files or folders")
    parser.add_argument(
        "--out", required=True, type=Path, metavar="X.npy|X.png|X.tiff|FOLDER", help="file, or folder for one NPY each"
    )
    parser.add_argument("--series", metavar="ID_OR_UID", help="which series of a folder")
    parser.add_argument(
        "--frame",
        type=_frame,
        metavar="N|all",
        help="which image, from 0 in the series' order (a single file: in its own order); default: all there are",
    )
    parser.add_argument(
        "--values",
        choices=("stored", "modality"),
        default="stored",
        help="stored (the default): the numbers as the file holds them, which carry no unit; "
        "modality: after the modality step, in HU and the like",
    )


def _frame(text: str) -> int | None:
    if text == "all":
        return None
    try:
        number = int(text)
    except ValueError:
        number = -1
    if number < 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no frame; give a number from 0, or all")
    return number


def run(args: argparse.Namespace, out: "Output") -> dict[str, Any]:
    """Write the arrays and answer with what was written."""
    from viewer.core.errors import BadRequest, NotFound
    from viewer.reading.sources.archive import is_there

    for path in args.paths:
        if not is_there(path):
            raise NotFound(f"{path} does not exist; check the path.")
    wanted = [(name, refs) for path in args.paths for name, refs in _sources(path, args.series)]
    is_file = args.out.suffix.lower() in SUFFIXES and not args.out.is_dir()
    if args.out.suffix and not is_file and not args.out.is_dir():
        raise BadRequest(f"{args.out} should end in .npy, .png or .tiff, or be a folder.")
    if is_file and len(wanted) > 1:
        raise BadRequest(
            f"{len(wanted)} arrays do not go into one file; give a folder with --out, or choose a --series."
        )
    targets = [args.out] if is_file else _targets(args.out, [name for name, _ in wanted])
    written, problems = [], []
    for (_, refs), target in zip(wanted, targets):
        try:
            written.append(_export(refs, target, args.frame, args.values))
        except Exception as error:
            if len(wanted) == 1 or not _is_app_error(error):
                raise
            problems.append({"path": str(refs[0].path), "reason": str(error)})
            out.note(f"negatoscope: {error}")
            out.exit_code = 1
            continue
        if written[-1]["banner"]:
            out.note(f"{refs[0].path}: {written[-1]['banner']}")
        shape = _words(written[-1]["shape"], written[-1]["frames"], written[-1]["dtype"])
        out.line(f"{target}: {shape}, {_unit_words(args.values, written[-1]['unit'])}")
    return {"written": written, "problems": problems}


def _is_app_error(error: Exception) -> bool:
    from viewer.core.errors import AppError

    return isinstance(error, AppError)


def _words(shape: list[int], frames: int, dtype: str) -> str:
    """Such as "3 images of 512 rows × 512 cols, int16"."""
    import numpy as np

    rows, cols = shape[1:3] if frames > 1 else shape[:2]
    colour = ", RGB" if len(shape) - (frames > 1) == 3 else ""
    order = ", big endian" if dtype.startswith(">") else ""
    many = f"{frames} images of " if frames > 1 else ""
    return f"{many}{rows} rows × {cols} cols{colour}, {np.dtype(dtype).name}{order}"


def _unit_words(values: str, unit: str) -> str:
    from viewer.core.units import unit_text

    if values == "stored":
        return "stored values, without a unit (--values modality: HU and the like)"
    return f"values in {unit_text(unit)}" if unit else "values after the modality step, without a unit"


def _sources(path: Path, series: str | None) -> "list[tuple[str, Sequence[FrameRef]]]":
    """(name, frames in order) for each array that `path` stands for."""
    from viewer.reading.sources.folder import stands_for_many

    if series is None and not stands_for_many(path):
        from viewer.reading.frames import file_frames

        return [(path.name, file_frames(path))]
    from viewer.core.errors import BadFile
    from viewer.reading.scan import all_series, find_series, scan

    result = scan([path])
    found = all_series(result) if series is None else [find_series(result, series)]
    if not found:
        reason = result.problems[0].reason if result.problems else f"{path} holds no images."
        raise BadFile(reason)
    if len(found) == 1:
        return [(path.resolve().name, found[0].frames)]
    return [(one.series_id, one.frames) for one in found]


def _targets(folder: Path, names: "Sequence[str]") -> list[Path]:
    """One NPY path per name in `folder`, numbered where names repeat."""
    used: set[str] = set()
    targets = []
    for name in names:
        stem = name[:-4] if name.lower().endswith((".dcm", ".png", ".jpg", ".tif")) else name
        unique, number = stem, 2
        while unique.lower() in used:
            unique, number = f"{stem}-{number}", number + 1
        used.add(unique.lower())
        targets.append(folder / f"{unique}.npy")
    return targets


def _export(refs: "Sequence[FrameRef]", target: Path, frame: int | None, values: str) -> dict[str, Any]:
    import numpy as np

    from viewer.core.errors import BadRequest
    from viewer.reading.frames import read_frame
    from viewer.reading.pictures.array_files import write_array

    if frame is not None:
        if frame >= len(refs):
            paths = {ref.path for ref in refs}
            whole = refs[0].path if len(paths) == 1 else f"The series in {refs[0].path.parent}"
            raise BadRequest(f"{whole} has {len(refs)} image(s), counted from 0; there is no {frame}.")
        refs = [refs[frame]]
    frames = [read_frame(ref) for ref in refs]
    arrays = [_values(one, values) for one in frames]
    if len({array.shape for array in arrays}) > 1:
        raise BadRequest(f"The images of {refs[0].path.parent} differ in size; export them one by one with --frame.")
    multi_frame = len(arrays) > 1
    array = np.stack(arrays) if multi_frame else arrays[0]
    if values == "stored" and frames[0].big_endian:
        # np.stack gives native order; the file's own is part of what "stored" means.
        array = array.astype(array.dtype.newbyteorder(">"))
    write_array(target, array, multi_frame=multi_frame)
    return {
        "path": str(target),
        "source": str(refs[0].path),
        "frames": len(arrays),
        "shape": list(array.shape),
        "dtype": array.dtype.str,
        "values": values,
        "unit": frames[0].facts.unit if values == "modality" else "",
        "decoder": frames[0].decoder,
        "banner": next((one.facts.banner for one in frames if one.facts.banner), ""),
    }


def _values(frame: "Frame", values: str) -> Any:
    if values == "stored":
        return frame.stored
    from viewer.reading.frames import modality_values

    return modality_values(frame)
