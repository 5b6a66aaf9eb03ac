"""`negatoscope render`: one frame as the canvas shows it (or a plane through a volume), as an 8-bit picture."""

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from viewer.cli.render_plane import add_plane_arguments, check_plane_arguments

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from viewer.cli.dressing import PresentedFrame
    from viewer.cli.output import Output
    from viewer.core.compose import HeatLayer, Layer
    from viewer.core.pixels import LookupTable, PixelFacts, Window
    from viewer.core.presentation import GraphicText
    from viewer.core.shapes.outlined import Points
    from viewer.project.project import Project
    from viewer.reading.frame import Frame
    from viewer.reading.series import FrameRef, Series

HELP = "Write one frame as the canvas shows it, with its overlays, as an 8-bit picture."
EXAMPLE = "negatoscope render scan.dcm --preset lung --out lung.png"

OVERLAYS = ("planes", "annotations", "predictions", "cam")
OF_PROJECT = OVERLAYS[1:]
SUFFIXES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """PATH, --out, what to show and through which window."""
    parser.add_argument("path", type=Path, metavar="PATH", help="file or folder")
    parser.add_argument("--out", type=Path, required=True, metavar="X.png", help="the picture to write")
    parser.add_argument("--series", metavar="ID_OR_UID", help="which series, where the path holds several")
    parser.add_argument(
        "--frame", type=int, default=0, metavar="N",
        help="from 0 in the sorted order of the series (DICOM's own numbers count from 1); default 0",
    )  # fmt: skip
    parser.add_argument("--center", type=float, metavar="C", help="window center in the image's unit (HU for CT)")
    parser.add_argument("--width", type=float, metavar="W", help="window width in the image's unit")
    parser.add_argument(
        "--preset", metavar="NAME", help='a named window, such as "lung" (values in HU only) or "full range"'
    )
    parser.add_argument("--project", type=Path, metavar="DIR", help="where annotations and predictions are kept")
    parser.add_argument(
        "--overlay", default="", metavar="A,B",
        help=f"any of {', '.join(OVERLAYS)} (planes: the file's own); all but planes need --project",
    )  # fmt: skip
    parser.add_argument(
        "--presentation-state", type=Path, metavar="FILE", help="show the frame as this DICOM presentation state says"
    )
    parser.add_argument(
        "--no-letters", action="store_true", help="leave out the letters of a film's side and view, such as L CC"
    )
    parser.add_argument("--no-shutter", action="store_true", help="show what a display shutter covers")
    add_plane_arguments(parser)


def run(args: argparse.Namespace, out: "Output") -> dict[str, Any]:
    """Write the picture and say what is on it."""
    from viewer.cli.dressing import dress, state_for
    from viewer.core.compose import Layer
    from viewer.core.errors import BadRequest
    from viewer.reading.frames import read_frame

    overlays = _overlays(args)
    if args.out.suffix.lower() not in SUFFIXES:
        raise BadRequest(f"{args.out} has no ending of a picture; end it in one of {', '.join(SUFFIXES)}.")
    check_plane_arguments(args)
    series, ref = _find(args)
    if args.plane is not None:
        return _plane(args, out, series)
    frame = read_frame(ref)
    state = state_for(frame, args.presentation_state)
    dressed = dress(frame, state, shutter=not args.no_shutter, planes="planes" in overlays)
    window = _window(args, frame.stored, dressed.facts)
    image_id = ""
    layers: tuple[Layer, ...] = ()
    heat: HeatLayer | None = None
    words: list[tuple[Points, tuple[str, ...]]] = []
    if any(name in OF_PROJECT for name in overlays):
        from viewer.project.project import Project
        from viewer.reading.image_id import image_id as id_of
        from viewer.reading.image_id import pixel_sha256

        image_id = id_of(ref.sop_instance_uid, ref.frame_index, pixel_sha256(frame.stored))
        with Project.open(args.project, writable=False) as project:
            _refuse_replaced(project, ref, image_id)
            layers, words = _work(project, frame, image_id, overlays)
            if "cam" in overlays:
                heat = _heat(project, frame, image_id)
    if state is not None:
        lines = (Layer(outlines=state.outlines),) if state.outlines else ()
        layers = (*state.fills, *lines, *layers)
    texts = state.texts if state is not None else ()
    picture, note = _picture(dressed, window, layers, heat, words, texts)
    film = "" if args.no_letters else frame.identity.film
    if not args.no_letters:
        from viewer.cli.drawing import draw_film_letters

        picture = draw_film_letters(picture, film, dressed.facts, dressed.transform)
    _write(picture, args.out)
    if frame.facts.banner:
        out.note(f"{ref.path}: {frame.facts.banner}")
    for sentence in state.notes if state is not None else ():
        out.note(f"{args.presentation_state}: {sentence}")
    out.line(
        f"{args.out}: {picture.shape[0]} rows × {picture.shape[1]} cols, {_say(window)}{' · ' + note if note else ''}"
    )
    return {
        "out": str(args.out),
        "path": str(ref.path),
        "series_id": series.series_id,
        "frame": args.frame,
        "image_id": image_id or None,
        "rows": int(picture.shape[0]),
        "cols": int(picture.shape[1]),
        "window": _window_document(window),
        "overlays": list(overlays),
        "note": note,
        "banner": frame.facts.banner,
        "film": film,
        "presentation_state": None if state is None else {"label": state.label, "notes": list(state.notes)},
        "shutter": dressed.view.covered is not None,
    }


def _plane(args: argparse.Namespace, out: "Output", series: "Series") -> dict[str, Any]:
    from viewer.cli.render_plane import render_plane

    picture, said = render_plane(args, out, series, lambda frame: _window(args, frame.stored, frame.facts))
    _write(picture, args.out)
    window = _window_document(said.pop("window_values"))
    size = {"rows": int(picture.shape[0]), "cols": int(picture.shape[1])}
    return {"out": str(args.out), "series_id": series.series_id, **size, "window": window, **said}


def _overlays(args: argparse.Namespace) -> tuple[str, ...]:
    from viewer.core.errors import BadRequest

    names = tuple(name.strip() for name in args.overlay.split(",") if name.strip())
    for name in names:
        if name not in OVERLAYS:
            raise BadRequest(f"There is no overlay {name!r}; choose from {', '.join(OVERLAYS)}.")
    if any(name in OF_PROJECT for name in names) and args.project is None:
        raise BadRequest("--overlay needs --project: the folder where annotations and predictions are kept.")
    if (args.center is None) != (args.width is None):
        raise BadRequest("--center and --width belong together; give both.")
    if args.preset is not None and args.center is not None:
        raise BadRequest("Give either --preset or --center and --width, not both.")
    return names


def _find(args: argparse.Namespace) -> "tuple[Series, FrameRef]":
    from viewer.core.errors import Ambiguous, BadFile, BadRequest, NotFound
    from viewer.reading.scan import all_series, find_series, scan
    from viewer.reading.sources.archive import is_there

    if not is_there(args.path):
        raise NotFound(f"{args.path} does not exist; check the path.")
    result = scan([args.path])
    every = all_series(result)
    if not every:
        reason = result.problems[0].reason if result.problems else "it holds no image."
        raise BadFile(reason if str(args.path) in reason else f"{args.path} cannot be shown: {reason}")
    if args.series is None and len(every) > 1:
        names = ", ".join(f"{s.series_id} ({s.part or s.description or s.modality})" for s in every[:6])
        raise Ambiguous(f"{args.path} holds {len(every)} series; choose one with --series: {names}.")
    series = every[0] if args.series is None else find_series(result, args.series)
    if not 0 <= args.frame < len(series.frames):
        last = len(series.frames) - 1
        raise BadRequest(f"Series {series.series_id} has frames 0 to {last}; there is no frame {args.frame}.")
    return series, series.frames[args.frame]


def _window(args: argparse.Namespace, stored: "NDArray[Any]", facts: "PixelFacts") -> "Window | LookupTable":
    from viewer.core.errors import BadRequest
    from viewer.core.pixels import VoiFunction, Window
    from viewer.core.units import unit_text
    from viewer.core.windowing import default_voi, full_range

    if args.preset is not None:
        import tomllib

        import resources

        rows = tomllib.loads(resources.read_text("presets/windows.toml"))["preset"]
        row = next((r for r in rows if args.preset.casefold() in (r["name"].casefold(), r["key"])), None)
        if row is None:
            raise BadRequest(f"There is no preset {args.preset!r}; choose from {', '.join(r['name'] for r in rows)}.")
        if "width" in row:
            if facts.unit != "HU":
                what = f"in {unit_text(facts.unit)}" if facts.unit else "without a unit"
                raise BadRequest(
                    f"The preset {row['name']} is in HU, and the values of this image are {what}; "
                    'give --center and --width, or --preset "full range".'
                )
            return Window(center=float(row["center"]), width=float(row["width"]), name=row["name"])
        whole = row["key"] == "9"
        return full_range(stored, facts) if whole else default_voi(stored, facts)
    if args.center is not None:
        if not args.width > 0:
            raise BadRequest("--width must be more than 0.")
        function = facts.windows[0].function if facts.windows else VoiFunction.LINEAR
        return Window(center=args.center, width=args.width, function=function)
    return default_voi(stored, facts)


def _refuse_replaced(project: "Project", ref: "FrameRef", image_id: str) -> None:
    """Raise BadFile where the project knows this file by other pixels: its work is not of what would be drawn."""
    from viewer.core.errors import BadFile

    known = [one.image_id for one in project.images.find(path=ref.path) if one.frame_index == ref.frame_index]
    if known and image_id not in known:
        raise BadFile(
            f"{ref.path} has other pixels than the image of {project.folder} that lies there: it was written anew "
            "under its name, and nothing of the project belongs on it. Bring the old file back, or add the new one."
        )


def _work(
    project: "Project", frame: "Frame", image_id: str, overlays: tuple[str, ...]
) -> "tuple[tuple[Layer, ...], list[tuple[Points, tuple[str, ...]]]]":
    from viewer.core.compose import Layer
    from viewer.core.overlays import OverlaySettings, overlay_layers
    from viewer.core.shapes.outlines import measurement_lines

    has_annotations, has_predictions = "annotations" in overlays, "predictions" in overlays
    annotations = project.work.annotations(image_id) if has_annotations else ()
    measurements = project.work.measurements(image_id) if has_annotations else ()
    latest = project.predictions.latest(image_id) if has_predictions else None
    proposals = latest.answer() if latest is not None else ()
    cut = latest.threshold if latest is not None and latest.rule.has_cut else None
    layers = overlay_layers(annotations, proposals, project.labels, OverlaySettings(cut=cut))
    lines = tuple(line for m in measurements for line in measurement_lines(m, selected=False))
    words = [(m.points_px, m.shape.quantities(frame.stored, frame.facts)) for m in measurements]
    return (*layers, Layer(outlines=lines)), words


def _heat(project: "Project", frame: "Frame", image_id: str) -> "HeatLayer":
    """Grad-CAM of what the latest prediction says, made anew: maps are not kept."""
    from viewer.cli.input_images import InputImage, read_beside
    from viewer.core.compose import HeatLayer
    from viewer.core.errors import MissingExtra, NotFound
    from viewer.project.samples.finding import SampleFinder
    from viewer.project.samples.stacks import stacks_of_records

    prediction = project.predictions.latest(image_id)
    if prediction is None:
        raise NotFound(f"{frame.ref.path} has no prediction in {project.folder}; run `negatoscope predict` first.")
    try:
        from ml.explain.heatmap import explain
        from ml.inference.load import load_model, resolve_model
    except ImportError as error:
        raise MissingExtra("A heatmap") from error
    loaded = load_model(resolve_model(project.folder, prediction.model_name))
    if loaded.card.model_hash != prediction.model_hash:
        loaded = load_model(resolve_model(project.folder, prediction.model_hash))
    label = prediction.first_label(loaded.card.labels)
    run_anyway = bool(prediction.outside_domain)
    finder = SampleFinder(lambda: stacks_of_records(project.images.of_study(image_id)))
    sample = read_beside(InputImage(ref=frame.ref, frame_number=0, image_id=image_id), finder, loaded)
    return HeatLayer(
        heat=explain(loaded, frame, image_id, label, "gradcam", run_anyway=run_anyway, sample=sample)
    )  # fmt: skip


def _picture(
    dressed: "PresentedFrame",
    window: "Window | LookupTable",
    layers: "tuple[Layer, ...]",
    heat: "HeatLayer | None",
    words: "list[tuple[Points, tuple[str, ...]]]",
    texts: "tuple[GraphicText, ...]",
) -> tuple[Any, str]:
    """(row, col) grey where nothing is coloured, else (row, col, 3), uint8; and the state to name."""
    from viewer.cli.drawing import draw_graphic_texts, draw_lines_and_tags, draw_value_boxes
    from viewer.core.compose import compose
    from viewer.core.windowing import display_table

    facts, transform = dressed.facts, dressed.transform
    table = display_table(facts, window, invert=False)
    made = compose(dressed.view, table, layers, heat, transform, planes=dressed.planes)
    if (
        not layers
        and not texts
        and heat is None
        and dressed.planes is None
        and facts.samples == 1
        and facts.palette is None
    ):
        return made.rgb[:, :, 0], made.note
    rgb = draw_lines_and_tags(made.rgb, made.outlines, made.tags, transform)
    if texts:
        rgb = draw_graphic_texts(rgb, texts, transform)
    if words:
        moved = [(tuple(transform.to_view(*point) for point in points), lines) for points, lines in words]
        lines_there = [
            replace(line, points_px=tuple(transform.to_view(*point) for point in line.points_px))
            for line in made.outlines
        ]
        rgb = draw_value_boxes(rgb, moved, lines_there)
    if heat is not None:
        from viewer.cli.drawing import draw_stamps
        from viewer.core.heat import NOT_A_DIAGNOSIS

        rgb = draw_stamps(rgb, (*heat.stamps, *heat.heat.legend))

        state = made.note or f"{heat.heat.label}: maximum {heat.heat.maximum_words}"
        return rgb, f"{state}. {NOT_A_DIAGNOSIS}"
    return rgb, made.note


def _write(picture: Any, path: Path) -> None:
    """Write beside, then replace: a failed write leaves an old picture as it was."""
    from PIL import Image

    from viewer.core.errors import NotWritable
    from viewer.reading.sources.private_files import beside as name_beside

    beside = name_beside(path, path.suffix)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(picture).save(beside)
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise NotWritable(f"{path} cannot be written: {error.strerror or error}.") from error


def _say(window: "Window | LookupTable") -> str:
    from viewer.core.pixels import Window
    from viewer.core.units import window_numbers

    if isinstance(window, Window):
        return "window {} / {}".format(*window_numbers(window.width, window.center))
    return f"VOI LUT {window.name or 'from the file'}"


def _window_document(window: "Window | LookupTable") -> dict[str, Any]:
    from viewer.core.pixels import Window

    if isinstance(window, Window):
        return {"center": window.center, "width": window.width, "function": window.function.value, "name": window.name}
    return {"lut": window.name, "entries": len(window.values), "bits": window.bits}
