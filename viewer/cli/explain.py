"""`negatoscope explain`: a heatmap of what raises a class's score."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from viewer.cli.input_images import add_image_arguments

if TYPE_CHECKING:
    from ml.inference.load import LoadedModel
    from viewer.cli.input_images import InputImage
    from viewer.cli.output import Output
    from viewer.core.heat import HeatMap
    from viewer.reading.frame import Frame

HELP = "Write a heatmap: where the image raises a class's score. It shows influence, not the location of disease."
EXAMPLE = "negatoscope explain film.dcm --model phantom_classifier --class nodule --method gradcam --out heat.png"

SUFFIXES = (".png", ".npy")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to ask about, the model, the class and the method, and where to write."""
    from ml.explain.cams import CAMS, DEFAULT

    add_image_arguments(parser)
    parser.add_argument(
        "--class", dest="label", required=True, metavar="NAME", help="the label whose score is explained"
    )
    parser.add_argument("--method", choices=list(CAMS), default=DEFAULT, help=f"default {DEFAULT}")
    parser.add_argument(
        "--layer", default="", metavar="NAME",
        help="read another layer than the model's own, such as layer3: an earlier one has finer cells and means less",
    )  # fmt: skip
    parser.add_argument(
        "--out", type=Path, required=True, metavar="PATH",
        help="X.png (over the image), X.npy (the unscaled map), or for several images a folder that gets both",
    )  # fmt: skip
    parser.add_argument(
        "--frame", type=int, metavar="N",
        help="which frame of each series, from 0 in sorted order (DICOM's own numbers count from 1); default 0",
    )  # fmt: skip


def run(args: argparse.Namespace, out: "Output") -> dict[str, Any]:
    """Explain each image; what fails becomes a problem. Raises the first failure when nothing succeeds."""
    from viewer.jobs.inference import require_torch

    require_torch()
    from ml.explain.heatmap import explain
    from ml.inference.load import load_model, resolve_model
    from viewer.cli.input_images import input_images, named, open_named, project_folder, read, read_beside
    from viewer.cli.model_document import model_document
    from viewer.core.errors import AppError, BadFile, BadRequest, OutsideDomain
    from viewer.core.heat import NOT_A_DIAGNOSIS

    folder = project_folder(args)
    loaded = load_model(resolve_model(folder, args.model))
    whole_project = folder is not None and args.paths == [folder]
    with open_named(folder if whole_project else None, writable=False) as project:
        frame_number = None if whole_project and args.frame is None else args.frame or 0
        asked = input_images(args, project, frame=frame_number)
        images, unread = asked.images, asked.problems
    if len(images) > 1 and args.out.suffix.lower() in SUFFIXES:
        raise BadRequest(f"{len(images)} images do not fit into {args.out}; give a folder, or choose one with --frame.")
    if len(images) == 1 and args.out.suffix and args.out.suffix.lower() not in SUFFIXES:
        raise BadRequest(f"{args.out} ends in neither {' nor '.join(SUFFIXES)}; give one of them, or a folder.")
    maps: list[dict[str, Any]] = []
    problems = [{"path": str(one.path), "reason": one.reason, "kind": "BadFile"} for one in unread]
    first: AppError | None = None
    for number, image in enumerate(images):
        out.event({"event": "explain", "done": number, "total": len(images)})
        try:
            frame, image_id = read(image)
            sample = read_beside(image, asked.finder, loaded)
            heat = explain(
                loaded, frame, image_id, args.label, args.method, layer=args.layer, run_anyway=args.run_anyway,
                sample=sample,
            )  # fmt: skip
            maps.append(_written(image, frame, heat, args.out, loaded))
        except AppError as caught:
            error = named(caught, image) if isinstance(caught, OutsideDomain) else caught
            first = first or error
            problems.append({**image.document, "reason": str(error), "kind": type(error).__name__})
    if not maps:
        raise first or BadFile(unread[0].reason if unread else "There is no image to explain; check the paths.")
    _say(maps, problems, out)
    return {
        "model": model_document(loaded),
        "label": args.label,
        "method": args.method,
        "wording": NOT_A_DIAGNOSIS,
        "maps": maps,
        "problems": problems,
    }


def _written(image: "InputImage", frame: "Frame", heat: "HeatMap", out: Path, loaded: "LoadedModel") -> dict[str, Any]:
    """Write one map and say what it holds; the grid itself stays in the file."""
    from ml.inference.wire import heat_document

    document = {**image.document, **heat_document(heat)}
    document.pop("grid_b64")
    if out.suffix.lower() in SUFFIXES:
        targets = [out]
    else:
        name = f"{image.ref.path.stem}_{image.frame_number}_{heat.image_id[:8]}"
        targets = [out / f"{name}{suffix}" for suffix in SUFFIXES]
    note = ""
    for target in targets:
        note = _write(target, frame, heat, document) or note
    cell = (heat.y1_px - heat.y0_px) / heat.grid.shape[0], (heat.x1_px - heat.x0_px) / heat.grid.shape[1]
    return {
        **document,
        "cell_px": list(cell),
        "legend": list(heat.legend),
        "same": heat.same_words,
        "note": note,
        "out": [str(target) for target in targets],
    }


def _write(path: Path, frame: "Frame", heat: "HeatMap", document: dict[str, Any]) -> str:
    """The unscaled map as .npy (float32, in the document's unit), or the image with the map over it. Returns a state.

    The picture carries its checks and the wording as its Description, so that they travel with it.
    """
    import io

    import numpy as np

    from viewer.cli.input_images import write_whole

    stream = io.BytesIO()
    note = ""
    if path.suffix.lower() == ".npy":
        np.save(stream, heat.grid)
    else:
        from PIL import Image
        from PIL.PngImagePlugin import PngInfo

        from viewer.cli.drawing import draw_film_letters, draw_stamps
        from viewer.core.compose import HeatLayer, compose, native_view
        from viewer.core.windowing import default_voi, display_table

        view, transform = native_view(frame.stored, frame.facts)
        table = display_table(frame.facts, default_voi(frame.stored, frame.facts), invert=False)
        layer = HeatLayer(heat=heat)
        made = compose(view, table, (), layer, transform)
        words = PngInfo()
        said = (document["label"], heat.worth_words, heat.same_words.removesuffix("."), document["wording"])
        words.add_itxt("Description", ". ".join(part for part in said if part))
        rgb = draw_film_letters(made.rgb, frame.identity.film, frame.facts, transform)
        Image.fromarray(draw_stamps(rgb, (*layer.stamps, *heat.legend))).save(stream, "PNG", pnginfo=words)
        note = made.note
    write_whole(path, stream.getvalue())
    return note


def _say(maps: list[dict[str, Any]], problems: list[dict[str, Any]], out: "Output") -> None:
    from viewer.cli.input_images import image_words

    paths = [str(one["path"]) for one in maps]
    for one in maps:
        state = ". ".join(part for part in (one["note"], *one["legend"]) if part)
        grid = f"{one['cols']} × {one['rows']} cells stretched over the image"
        where = image_words(one["path"], one["frame"], paths)
        out.line(f"{where}, {one['label']}: {state}, {grid}. {', '.join(one['out'])}")
        if one["same"]:
            out.line(f"  {one['same']}")
    for problem in problems:
        out.note(str(problem["reason"]))
    out.line(maps[0]["wording"])
