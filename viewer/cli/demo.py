"""`negatoscope demo`: the whole main job on the phantom, with a report."""

import argparse
import io
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from viewer.cli import COMMANDS
from viewer.cli.demo_report import Report, write_report
from viewer.cli.output import Output
from viewer.cli.screen import ensure_window
from viewer.core.errors import AppError, NotFound, NotWritable
from viewer.core.text.titles import short_id

HELP = "Run the whole main job on the phantom: scan, annotate, snapshot, train, predict, explain, accept, report."
EXAMPLE = "negatoscope demo --out demo"

FILMS, HELD_BACK, FILM_PX, SEED = 110, 10, 224, 21


@dataclass(frozen=True, slots=True, kw_only=True)
class _Task:
    """One of the demo's tasks. labels: with commas between. net: the small network; start: the bundled model that it
    starts from. Fine-tuning one that knows the phantom takes few epochs; from scratch takes more than a demo has time
    for."""

    kind: str
    labels: str
    net: str
    start: str
    epochs: int
    scratch_epochs: int


TASKS = {
    "nodule": _Task(
        kind="classification", labels="clear,nodule", net="simple_cnn", start="phantom_classifier", epochs=6,
        scratch_epochs=12,
    ),
    "boxes": _Task(
        kind="detection", labels="nodule", net="center_point", start="phantom_detector", epochs=6, scratch_epochs=12
    ),
    "lungs": _Task(
        kind="segmentation", labels="lung", net="small_unet", start="phantom_segmenter", epochs=2, scratch_epochs=5
    ),
}  # fmt: skip


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """--out, and two that make it shorter."""
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="an empty or new folder")
    parser.add_argument("--films", type=int, default=FILMS, help=f"phantom films to train on (default: {FILMS})")
    parser.add_argument("--epochs", type=int, default=0, help="epochs of each training (default: 2 to 12 by task)")
    parser.add_argument("--no-window", action="store_true", help="leave the pictures of the window out")


def run(args: argparse.Namespace, out: Output) -> Any:
    """Do each step through the very sub-commands a person would use. Returns figures, files and seconds."""
    began = time.monotonic()
    folder: Path = args.out
    if folder.exists() and any(folder.iterdir()):
        raise NotWritable(f"{folder} is not empty; name a new folder for the demo.")
    folder.mkdir(parents=True, exist_ok=True)
    steps = _Steps(folder.resolve(), out)
    steps.make_phantom(args.films)
    steps.read()
    steps.annotate()
    steps.train(args.epochs)
    steps.propose()
    if not args.no_window:
        steps.pictures_of_the_window()
    seconds = round(time.monotonic() - began)
    page = write_report(steps.folder / "report.html", steps.report, seconds=seconds)
    out.line(f"The report is {page}, after {seconds} s.")
    if not args.no_window:
        out.line(f"Pictures of the window are in {steps.folder / 'window'}.")
        if os.environ.get("QT_QPA_PLATFORM") != "offscreen":
            _leave_window_open(steps.project)
    return {"report": page, "seconds": seconds, "figures": steps.figures, "pictures": steps.report.pictures}


class _Steps:
    """The main job, step by step; each says what it does, and keeps its command line for the report."""

    def __init__(self, folder: Path, out: Output) -> None:
        self.folder = folder
        self.out = out
        self.project = folder / "project"
        self.report = Report()
        self.figures: dict[str, Any] = {}
        self._runs: dict[str, str] = {}

    def make_phantom(self, films: int) -> None:
        """The sample study and films; the last films are held back to be predicted on."""
        from viewer.reading.phantom.sample import write_radiographs, write_sample

        self.out.line("Making the phantom: 2 CT studies and films of other patients")
        self.sample = write_sample(self.folder / "phantom" / "studies", patients=2)
        self.films = write_radiographs(self.folder / "phantom" / "films", films, size_px=FILM_PX, seed=SEED)
        self.known = self._truth_without_the_held_back()

    def read(self) -> None:
        """scan and render, as a reader begins."""
        study = self.sample.studies[0]
        found = self.command("scan", str(self.sample.folder))
        series = sum(len(t["series"]) for p in found["patients"] for t in p["studies"])
        self.report.say(
            "Scan", f"{len(found['patients'])} patients, {series} series, {len(found['problems'])} problems."
        )
        frame = str(study.nodules[0].slice_index)
        for preset in ("lung", "soft tissue"):
            target = self.folder / f"ct-{preset.replace(' ', '-')}.png"
            self.command("render", str(study.folder), "--frame", frame, "--preset", preset, "--out", str(target))
            self.report.show(target, f"CT slice {frame} (counted from 0), window preset {preset}")

    def annotate(self) -> None:
        """A project whose films are annotated with what is known of them, and three snapshots."""
        self.command("project", "create", str(self.project))
        csv, coco = self.known
        columns = "image=path,patient=patient_id,label=label,mask=mask_path,mask_label=lung"
        done = self.command("annotate", "import", str(self.project), "--format", "coco", str(coco))
        words = ["annotate", "import", str(self.project), "--format", "csv", str(csv), "--map", columns]
        self.command(*words, "--complete")
        self.command("project", "add", str(self.project), str(self.films.folder / "films"))
        self.report.say("Annotate", f"{done['images']} films carry lung masks, nodule boxes and a whole-image label.")
        for task, row in TASKS.items():
            words = ["snapshot", str(self.project), "--task", task, "--kind", row.kind, "--labels", row.labels]
            card = self.command(*words, "--split", "0.7", "0.15", "0.15", "--seed", "1")
            self.report.say(f"Snapshot {task}", f"{short_id(card['id'])}: {card['images']} films, split by patient.")

    def train(self, epochs: int) -> None:
        """All three tasks with the small nets, then their figures beside the controls."""
        for task, row in TASKS.items():
            start = _from_bundled(row.start)
            self.out.line(f"Training {task}, {f'fine-tuned from {row.start}' if start else 'from scratch'}")
            words = ["train", str(self.project), "--task", task, "--model", row.net, *start]
            usual = row.epochs if start else row.scratch_epochs
            done = self.command(*words, "--epochs", str(epochs or usual), "--seed", "1")
            self._runs[task] = done["runs"][0]["run_id"]
            place = self.folder / "evaluation" / task
            figures = self.command("evaluate", str(self.project), self._runs[task], "--out", str(place))
            self.figures[task] = figures
            self.report.figures(task, figures)

    def propose(self) -> None:
        """Predict on films nobody annotated, explain one, and accept what scores high."""
        held = [film for film in self.films.films[-HELD_BACK:] if film.nodules][:2]
        predictions = self.folder / "predictions"
        predictions.mkdir(exist_ok=True)
        paths = [str(film.path) for film in held]
        for task in TASKS:
            words = ["predict", *paths, "--project", str(self.project), "--add", "--model", self._runs[task]]
            self.command(*words, "--out", str(predictions / f"{task}.json"))
        picture = self.folder / "heatmap.png"
        words = ["explain", paths[0], "--project", str(self.project), "--model", self._runs["nodule"]]
        heat = self.command(*words, "--method", "gradcam", "--class", "nodule", "--out", str(picture))
        legend = " · ".join(heat["maps"][0]["legend"])
        self.report.show(picture, f"Grad-CAM for nodule. {legend}.")
        proposals = self.command("review", str(self.project), "list")["proposals"]
        wanted = ("nodule", "lung")
        good = [p["proposal_id"] for p in proposals if p["proposed"] and p["label"] in wanted]
        if good:
            self.command("review", str(self.project), "accept", *good)
        self.report.say("Review", f"{len(proposals)} proposals, {len(good)} accepted; undecided ones stay proposals.")
        target = self.folder / "annotations.png"
        words = ["render", paths[0], "--project", str(self.project), "--overlay", "annotations,predictions"]
        self.command(*words, "--out", str(target))
        self.report.show(target, "A held-back film with what was accepted and what is still proposed")

    def pictures_of_the_window(self) -> None:
        """Screenshots of the real window at each step, offscreen where there is no display."""
        self.out.line("Taking pictures of the window")
        try:
            ensure_window()
        except NotFound:  # no display, or one that this window cannot be shown on
            os.environ["QT_QPA_PLATFORM"] = "offscreen"
            ensure_window()
        from viewer.app import tour

        held = [film.path for film in self.films.films[-HELD_BACK:] if film.nodules]
        place = self.folder / "window"
        for name, text in tour(self.project, self.sample.studies[0].folder, held[0], place):
            self.report.show(place / name, text)

    def command(self, *words: str) -> Any:
        """Run a sub-command in this process and hand back its document."""
        from viewer.cli.main import command_parser
        from viewer.core.registry import load_module

        self.report.command(words)
        inner = Output(as_json=True, stdout=io.StringIO(), stderr=io.StringIO())
        args = command_parser(words[0]).parse_args(words[1:])
        document = load_module(COMMANDS, words[0]).run(args, inner)
        if inner.exit_code:
            raise AppError(f"negatoscope {words[0]} did not do what the demo asked.")
        return document

    def _truth_without_the_held_back(self) -> tuple[Path, Path]:
        """The films' table and boxes without the last ones, which stay unannotated."""
        import json

        held = {film.path.name for film in self.films.films[-HELD_BACK:]}
        rows = self.films.films_csv.read_text(encoding="utf-8").splitlines()
        table = self.films.folder / "known.csv"
        table.write_text(
            "\n".join(r for r in rows if not any(f"/{name}," in r for name in held)) + "\n", encoding="utf-8"
        )
        coco = json.loads(self.films.boxes_json.read_text(encoding="utf-8"))
        kept = [image for image in coco["images"] if Path(image["file_name"]).name not in held]
        ids = {image["id"] for image in kept}
        coco |= {"images": kept, "annotations": [a for a in coco["annotations"] if a["image_id"] in ids]}
        boxes = self.films.folder / "known_coco.json"
        boxes.write_text(json.dumps(coco, allow_nan=False), encoding="utf-8")
        return table, boxes


def _from_bundled(name: str) -> list[str]:
    """Options that start from a model of the resources, with the input it was made for; none when it is not there."""
    import resources
    from ml.card import read_card

    try:
        recipe = read_card(resources.path(f"models/{name}")).recipe
    except FileNotFoundError:
        return []
    words = ["--init", name, "--set", "learning_rate=0.0005"]
    for key in ("input_px", "fit", "window", "window_center", "window_width"):
        if recipe.get(key):
            words += ["--set", f"{key}={recipe[key]}"]
    return words


def _leave_window_open(project: Path) -> None:
    """The result in a window of its own; the command line comes back."""
    from viewer import children

    if not sys.platform.startswith("linux") or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        children.start("viewer.cli.main", project.absolute(), folder=children.lasting_folder())
