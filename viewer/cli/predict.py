"""`negatoscope predict`: what a model proposes on images."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from viewer.cli.input_images import add_image_arguments
from viewer.cli.model_document import model_document

if TYPE_CHECKING:
    from ml.inference.load import LoadedModel
    from viewer.cli.input_images import InputImage
    from viewer.cli.output import Output
    from viewer.core.shapes.annotations import Prediction
    from viewer.project.objects.joining import Joined
    from viewer.project.project import Project
    from viewer.project.snapshots.openings import Opened
    from viewer.reading.frame import Frame
    from viewer.reading.scan import Problem

HELP = "Ask a model: class probabilities, boxes with scores, masks or numbers, as JSON; kept in the project too."
MOST_SAID = 5  # of one image, on its line
EXAMPLE = """negatoscope predict film.dcm --model phantom_detector --out proposals.json
  negatoscope predict my-project --part test --model RUN --out proposals.json"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to ask about, the model, and where to write."""
    add_image_arguments(parser)
    parser.add_argument("--out", type=Path, required=True, metavar="X.json", help="the JSON file to write")
    parser.add_argument(
        "--frame", type=int, metavar="N",
        help="only this frame of each series, from 0 in sorted order (DICOM's own numbers count from 1); default all",
    )  # fmt: skip
    parser.add_argument(
        "--add", action="store_true",
        help="with --project: add the images to the project first, so that what is found is kept there for review",
    )  # fmt: skip
    parser.add_argument(
        "--part", action="append", default=[], metavar="NAME",
        help="of a project only the cases in this part of the newest snapshot: train, validation, test, fold0, ..., or "
        "none; A,B is either",
    )  # fmt: skip
    parser.add_argument(
        "--filter", default="", metavar="TEXT",
        help="of a project only the cases that its list shows for these words: --filter 'pneumonia score>0.8'",
    )  # fmt: skip
    parser.add_argument(
        "--unanswered", action="store_true",
        help="of a project only the images that this model has not answered: what is left after a stop",
    )  # fmt: skip
    parser.add_argument(
        "--apart", action="store_true",
        help="leave what is proposed on neighbouring slices apart; else what lies over each other there is one finding",
    )  # fmt: skip
    parser.add_argument(
        "--masks", choices=("runs", "png"), default="runs",
        help="masks as [row, col_start, col_end] runs in the JSON, or as PNG files in a folder beside it",
    )  # fmt: skip


def run(args: argparse.Namespace, out: "Output") -> dict[str, Any]:
    """Predict on every image; what fails becomes a problem. Raises the first failure when nothing succeeds."""
    import json

    from viewer.cli.input_images import input_images, named, open_named, project_folder, read_beside, write_whole
    from viewer.cli.output import plain
    from viewer.core.errors import AppError, BadFile, OutsideDomain
    from viewer.core.heat import NOT_A_DIAGNOSIS
    from viewer.core.shapes.annotations import Prediction
    from viewer.jobs.inference import require_torch

    require_torch()
    folder = project_folder(args)
    loaded = _load(folder, args.model)
    done: list[tuple[InputImage, Prediction]] = []
    problems: list[dict[str, Any]] = []
    first: AppError | None = None
    with open_named(folder, writable=True) as project:
        asked = input_images(args, project, frame=args.frame)
        images, unread = _chosen(args, project, asked.images, loaded), asked.problems
        problems += [{"path": str(one.path), "reason": one.reason, "kind": "BadFile"} for one in unread]
        if args.add:
            _add(project, args, out)
        inside = set() if project is None else {one.image_id for one in project.images.all()}
        # Before it is asked, where it is known which images these are: each answer is kept as it comes, and what is not
        # counted is not shown.
        known = {image.image_id for image in images} - {""}
        opened = _count(folder, known, args.model)
        for number, image in enumerate(images):
            out.event({"event": "predict", "done": number, "total": len(images)})
            try:
                sample = read_beside(image, asked.finder, loaded)
                done.append((image, _ask(loaded, image, sample, project, run_anyway=args.run_anyway)))
            except AppError as caught:
                error = named(caught, image) if isinstance(caught, OutsideDomain) else caught
                first = first or error
                problems.append({**image.document, "reason": str(error), "kind": type(error).__name__})
        joined = None if project is None or args.apart else _join(project, done)
        # Images that were only named by a path: before anything of them is told or written.
        opened = _count(folder, {prediction.image_id for _, prediction in done} - known, args.model) or opened
    if not done and (images or not args.unanswered):
        raise first or BadFile(_nothing(args.paths, unread))
    document: dict[str, Any] = {
        "model": model_document(loaded),
        "wording": NOT_A_DIAGNOSIS,
        "predictions": [_written(image, prediction, args) for image, prediction in done],
        "problems": problems,
        "project": None if folder is None else str(folder),
        "joined": None if joined is None else {"shapes": joined.shapes, "findings": joined.findings},
        "opened": None if opened is None or not opened.times else opened.to_json(),
        "kept_in_project": sum(prediction.image_id in inside for _, prediction in done),
    }
    write_whole(args.out, json.dumps(plain(document), allow_nan=False, separators=(",", ":")).encode())
    outside = sum(prediction.image_id not in inside for _, prediction in done) if folder is not None else 0
    if outside:
        who = "1 image is" if outside == 1 else f"{outside} images are"
        out.note(f"{who} not in the project {folder}, so it keeps no answer about them; --add puts images in first.")
    if opened is not None and opened.times:
        out.line(opened.sentence)
    if joined is not None and joined.shapes:
        out.line(joined.words)
    if not images and args.unanswered:
        out.line("The model has answered every image that was asked for.")
    _say(done, problems, args.out, out, loaded)
    return document


def _count(folder: Path | None, image_ids: set[str], run: str) -> "Opened | None":
    """Count that test cases are looked at; None where no image of a project is."""
    from viewer.project.snapshots.openings import record_predictions

    return record_predictions(folder, image_ids, run=run) if folder is not None and image_ids else None


def _chosen(
    args: argparse.Namespace, project: "Project | None", images: "list[InputImage]", loaded: "LoadedModel"
) -> "list[InputImage]":
    """Those of a project's images that --part, --filter and --unanswered leave. Raises BadRequest."""
    from viewer.cli.output import counted
    from viewer.core.errors import BadRequest
    from viewer.project.case_query import PART, read_query
    from viewer.project.lists.answered import answered_images
    from viewer.project.lists.asked_for import AskedModel, cases_asked_for, images_of

    card, wanted = loaded.card, args.part or args.filter
    if not wanted and not args.unanswered:
        return images
    if project is None or args.paths != [project.folder]:
        raise BadRequest("--part, --filter and --unanswered choose among the cases of a project: name it alone.")
    if wanted:
        query = read_query(" ".join([args.filter, *(PART + "".join(name.split()) for name in args.part)]))
        model = AskedModel(model_hash=card.model_hash, kind=card.kind, labels=card.labels)
        rows = cases_asked_for(project, query, model=model).rows
        if not rows:
            raise BadRequest(f"None of the {counted(len(project.cases.all()), 'case')} of {project.folder} fits.")
        there = images_of(project, rows)
        images = [image for image in images if image.image_id in there]
    if args.unanswered:
        answered = set().union(*answered_images(project, card.model_hash).values())
        images = [image for image in images if image.image_id not in answered]
    return images


def _load(folder: Path | None, name: str) -> "LoadedModel":
    from ml.inference.load import load_model, resolve_model

    return load_model(resolve_model(folder, name))


def _add(project: "Project | None", args: argparse.Namespace, out: "Output") -> None:
    """The images enter the project, as an edit that can be undone, so that their predictions can be reviewed there."""
    from viewer.core.errors import BadRequest
    from viewer.project.register import add_to_project
    from viewer.reading.scan import scan

    if project is None:
        raise BadRequest("--add needs a project to add the images to; name it with --project.")
    if args.paths == [project.folder]:
        raise BadRequest("--add is for images that are not in the project; these are its own.")
    added, _ = add_to_project(project, scan(args.paths))
    out.event({"event": "added", "images": len(added)})


def _ask(
    loaded: "LoadedModel",
    image: "InputImage",
    sample: "Sequence[Frame]",
    project: "Project | None",
    *,
    run_anyway: bool,
) -> "Prediction":
    from ml.inference.predict import predict
    from viewer.cli.input_images import read

    frame, image_id = read(image)
    record = None if project is None else next(iter(project.images.noted([image_id])), None)
    whose = None if project is None or record is None else (project.folder, record.patient_id, record.source)
    prediction = predict(loaded, frame, image_id, run_anyway=run_anyway, sample=sample, patient=whose)
    if project is not None:
        project.predictions.keep(prediction)
    return prediction


def _join(project: "Project", done: "list[tuple[InputImage, Prediction]]") -> "Joined":
    """What lies over each other on neighbouring slices is one finding in the project. See `join_slices`."""
    from viewer.project.objects.joining import join_stacks

    answered = [prediction.image_id for _, prediction in done]
    return join_stacks(project, project.images.all(), answered, done[0][1].model_hash if done else "")


def _written(image: "InputImage", prediction: "Prediction", args: argparse.Namespace) -> dict[str, Any]:
    """One prediction for the document; with --masks png its masks become files."""
    from ml.inference.wire import prediction_document

    document = {**image.document, **prediction_document(prediction)}
    for proposal, row in zip(prediction.proposals, document["proposals"], strict=True):
        row["proposed"] = prediction.proposes(proposal)  # at the model's operating point
    if args.masks == "png":
        for proposal, row in zip(prediction.proposals, document["proposals"], strict=True):
            if row["shape"] is not None and row["shape"]["kind"] == "mask":
                row["shape"] = _mask_file(proposal.shape, f"{prediction.image_id}_{proposal.label}", args.out)
    return document


def _mask_file(shape: Any, name: str, out: Path) -> dict[str, Any]:
    """A mask as an 8-bit PNG, 255 inside, in a folder beside the JSON."""
    import io
    import re

    import numpy as np
    from PIL import Image

    from viewer.cli.input_images import write_whole

    safe = re.sub(r"[^\w.-]+", "_", name)
    path = out.with_name(f"{out.stem}_masks") / f"{safe}.png"
    stream = io.BytesIO()
    Image.fromarray(shape.to_array().astype(np.uint8) * 255).save(stream, "PNG")
    write_whole(path, stream.getvalue())
    return {"kind": "mask", "rows": shape.rows, "cols": shape.cols, "file": f"{path.parent.name}/{path.name}"}


def _nothing(paths: list[Path], unread: "list[Problem]") -> str:
    where = ", ".join(str(path) for path in paths)
    return unread[0].reason if unread else f"{where} holds no image to ask about."


def _say(
    done: "list[tuple[InputImage, Prediction]]",
    problems: list[dict[str, Any]],
    path: Path,
    out: "Output",
    loaded: "LoadedModel",
) -> None:
    from viewer.cli.input_images import image_words
    from viewer.cli.output import counted

    paths = [str(image.ref.path) for image, _ in done]
    for image, prediction in done:
        words = answer_words(prediction)
        stamp = f" · OUTSIDE ITS DOMAIN: {prediction.outside_domain}" if prediction.outside_domain else ""
        where = image_words(image.ref.path, image.frame_number, paths)
        seen = f" · {prediction.seen_words.upper()}" if prediction.seen_words else ""
        out.line(f"{where}: {words}{stamp}{seen}")
    for problem in problems:
        out.note(str(problem["reason"]))
    if loaded.seen is None:
        out.line("Which images this model was trained on is not known: it keeps no list of them.")
    held = [score for _, prediction in done for score in prediction.held]
    out.line(f"{loaded.card.name} decides: {loaded.card.rule.words(loaded.card.threshold, beside=held)}.")
    out.line(f"{counted(len(done), 'image')}, {counted(len(problems), 'problem')}, written to {path}")


def answer_words(prediction: "Prediction") -> str:
    """What is said of one image at the model's operating point: one of two or more exclusive labels is always said."""
    from viewer.core.deciding import cut_words, score_words

    if prediction.numbers:
        return f"predicted {prediction.number_words}"
    said = sorted(prediction.answer(), key=lambda proposal: -proposal.score)
    if not said:
        return f"nothing above the threshold {cut_words(prediction.threshold, prediction.held)}"
    more = f" and {len(said) - MOST_SAID} more" if len(said) > MOST_SAID else ""
    cuts = [prediction.cut_of(proposal.label, prediction.threshold) for proposal in said[:MOST_SAID]]
    return ", ".join(f"{one.label} {score_words(one.score, cut)}" for one, cut in zip(said, cuts)) + more
