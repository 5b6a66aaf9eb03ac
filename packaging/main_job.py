"""The main job as a person does it, for `pictures.py`: from a folder to a retrained model and its heatmap."""

import csv
import time
from pathlib import Path
from typing import Any

from hand import Hand

TRAIN_FILMS, OWN_FILMS = 160, 8


def films_to_work_on(data: Path, folder: Path) -> tuple[Path, Path]:
    """Two tables of films: those that a person has labelled, and those that nobody has yet."""
    rows = list(csv.DictReader((data / "cxr" / "kermany" / "labels.csv").open(encoding="utf-8")))
    known = {row["patient_id"] for row in rows[:TRAIN_FILMS]}
    others = [row for row in rows[TRAIN_FILMS:] if row["patient_id"] not in known]
    labelled, fresh = folder / "films.csv", folder / "new_films.csv"
    for table, part in ((labelled, rows[:TRAIN_FILMS]), (fresh, others[:OWN_FILMS])):
        with table.open("w", newline="", encoding="utf-8") as stream:
            writer = csv.writer(stream)
            writer.writerow(["path", "patient_id", *(["label"] if table == labelled else [])])
            for row in part:
                told = [row["label"]] if table == labelled else []
                writer.writerow([data / "cxr" / "kermany" / row["path"], row["patient_id"], *told])
    return labelled, fresh


class MainJob:
    """The main job as a person does it, stop by stop."""

    def __init__(self, hand: Hand, window: Any, data: Path, folder: Path) -> None:
        self.hand, self.window, self.session = hand, window, window.session
        self.data, self.folder = data, folder
        self.table, self.fresh = films_to_work_on(data, folder)

    def run(self) -> None:
        """Every stop."""
        hand = self.hand
        hand.until(lambda: self.session.project is not None, "the personal project")
        self.read()
        self.make_project()
        self.annotate()
        self.snapshot()
        self.train()
        self.judge()
        self.review()
        self.looks()
        hand.key("ctrl+q")

    def read(self) -> None:
        """A PET/CT/MR study: four views, lung and soft tissue windows, a length and an ellipse."""
        hand, session = self.hand, self.session
        hand.key("ctrl+o")
        time.sleep(1.5)
        hand.type(str(self.data / "dicom" / "series" / "petctmr_sts002"))
        hand.key("Return")
        hand.until(lambda: session.shown is not None, "the first image")
        hand.command("Four, 2")
        hand.until(lambda: len(session.views) == 4, "four views")
        for number in range(4):
            hand.click(hand.ask(lambda number=number: session.views[number]), 0.3, 0.5)
            # The first view holds the PET; an empty view begins with the first series of the list: CT, PET, MR.
            for key in (("Prior",), ("Next", "Next"), ("Next", "Next", "Next"), ("Next",))[number]:
                hand.key(key)
                time.sleep(0.6)
            time.sleep(0.8)
        view = hand.ask(lambda: session.views[0])
        hand.click(view, 0.3, 0.5)
        hand.key("l")
        hand.drag(view, [(0.40, 0.45), (0.62, 0.52)])
        hand.key("e")
        hand.drag(view, [(0.30, 0.60), (0.42, 0.72)])
        hand.key("w")
        hand.picture("reading.png")

    def make_project(self) -> None:
        """A project, with films that have labels and films that have none."""
        hand, session = self.hand, self.session
        hand.key("ctrl+p")
        time.sleep(0.8)
        hand.key("ctrl+a")
        hand.type(str(self.folder / "project"))
        hand.key("Return")
        hand.until(lambda: session.project.folder.name == "project", "the project")
        self._import(self.table, complete=True, picture="import.png")
        hand.until(lambda: len(session.project.cases.all()) >= TRAIN_FILMS, "the imported films")
        self._import(self.fresh, complete=False)
        hand.until(lambda: len(session.project.cases.all()) >= TRAIN_FILMS + OWN_FILMS, "the cases to do")
        hand.command("One view")

    def _import(self, table: Path, *, complete: bool, picture: str = "") -> None:
        hand = self.hand
        hand.key("ctrl+i")
        hand.until(lambda: self._dialog() is not None, "the import dialog")
        dialog = hand.ask(self._dialog)
        hand.click(hand.ask(lambda: dialog.path))
        hand.type(str(table))
        if complete:
            hand.click(hand.ask(lambda: dialog.complete), 0.02, 0.5)
        hand.click(hand.ask(lambda: dialog.start))
        hand.until(lambda: dialog.start.text() == "Import", "the plan of the import")
        if picture:
            hand.picture(picture)
        hand.click(hand.ask(lambda: dialog.start))
        hand.until(lambda: self._dialog() is None, "the end of the import")
        time.sleep(0.5)

    def annotate(self) -> None:
        """A label, a box, a mask, a whole-image label; complete and next."""
        hand, session = self.hand, self.session
        hand.key("F6")
        for label in ("Opacity", "Heart"):
            hand.command("Add a label")
            time.sleep(0.6)
            hand.type(label)
            hand.key("Return")
        to_do = hand.ask(lambda: [c.case_id for c in session.project.cases.all() if c.status.value == "to do"])
        cases = hand.ask(lambda: self._panel("cases"))
        hand.click(hand.ask(lambda: cases.status))
        hand.key("Down", "Return")
        time.sleep(0.8)
        hand.click(hand.ask(lambda: cases.list), 0.5, 0.06)
        hand.until(lambda: session.shown is not None and session.shown.case_id in to_do, "a case to do")
        view = hand.ask(lambda: session.active_view)
        hand.click(view, 0.05, 0.05)
        hand.key("1", "b")
        hand.drag(view, [(0.56, 0.50), (0.70, 0.70)])
        hand.key("2", "r", "bracketleft", "bracketleft", "bracketleft")
        hand.drag(view, [(0.50, 0.55), (0.54, 0.66), (0.60, 0.72), (0.54, 0.70), (0.50, 0.62)])
        hand.key("shift+2")
        hand.picture("annotating.png")
        before = hand.ask(lambda: session.shown.case_id)
        hand.key("ctrl+Return")
        hand.until(lambda: session.shown.case_id != before, "the next case")

    def snapshot(self) -> None:
        """The dataset dialog, and its snapshot."""
        hand, session = self.hand, self.session
        hand.key("F7")
        hand.command("New snapshot")
        time.sleep(1.5)
        dialog = hand.ask(self._dialog)
        hand.until(lambda: dialog.division is not None, "the division")
        hand.picture("dataset.png")
        hand.until(lambda: dialog.make.isEnabled(), "a snapshot that may be made")
        hand.click(hand.ask(lambda: dialog.make))
        hand.until(lambda: any((session.project.folder / "snapshots").iterdir()), "the snapshot")
        hand.until(lambda: self._dialog() is None, "the closed dialog")

    def train(self) -> None:
        """The train dialog, and the run's curves."""
        hand, session = self.hand, self.session
        hand.command("New classification run")
        time.sleep(1.0)
        dialog = hand.ask(self._dialog)
        hand.click(hand.ask(lambda: dialog.fields.model))
        time.sleep(0.4)
        hand.type("Simple")
        hand.key("Return")
        hand.click(hand.ask(lambda: dialog.fields.epochs), 0.3, 0.5)
        hand.key("ctrl+a")
        hand.type("30")
        hand.key("Tab")
        hand.picture("train_dialog.png")
        hand.click(hand.ask(lambda: dialog.start))

        watch = hand.ask(lambda: session.jobs)
        hand.until(lambda: watch.runs and watch.runs[0].epoch >= 12, "epochs", wait_s=400)
        hand.picture("training.png")
        hand.until(lambda: watch.runs[0].state.value == "finished", "the end of the run", wait_s=600)

    def judge(self) -> None:
        """The run on its test part: its report, and its page down to the cases behind the figures."""
        hand, watch = self.hand, self.hand.ask(lambda: self.session.jobs)
        hand.command("Evaluate on the test part")
        hand.until(lambda: watch.runs[0].report is not None and watch.runs[0].report.state.value == "finished",
                   "the report", wait_s=600)  # fmt: skip
        hand.until(lambda: self._dialog() is not None, "the report's dialog")
        hand.picture("report.png")
        hand.key("Escape")
        page = hand.ask(lambda: self.window.pages.train.page("Run"))
        hand.until(lambda: page.told is not None and page.told.facts is not None and bool(page.told.facts.judged),
                   "the judged cases")  # fmt: skip
        worst = hand.ask(lambda: page.cards["confusion"])
        hand.ask(lambda: page.area.ensureWidgetVisible(worst, 0, 400))
        hand.picture("run_page.png")

    def review(self) -> None:
        """Predict on a film nobody labelled, look at its heatmap, decide."""
        hand, session = self.hand, self.session
        hand.key("F8")
        time.sleep(1.5)

        review = hand.ask(lambda: session.review)
        hand.click(hand.ask(lambda: session.active_view), 0.1, 0.2)
        hand.key("ctrl+r")
        hand.until(lambda: bool(session.project.work.proposals(session.shown.image_id)), "proposals", wait_s=200)
        hand.key("m")
        hand.until(lambda: review.heat is not None, "the heatmap", wait_s=200)
        hand.picture("ai_review.png")
        hand.key("Return")
        hand.until(lambda: review.selected is not None and review.left == 0, "the accepted proposal")
        hand.picture("ai_accepted.png")
        hand.key("m")

    def looks(self) -> None:
        """Welcome page, light theme, palette, keys."""
        hand = self.hand
        hand.key("F5")
        hand.command("Light")
        hand.picture("reading_light.png")
        hand.command("Dark")
        hand.key("ctrl+k")
        time.sleep(0.5)
        hand.type("win")
        hand.picture("palette.png")
        hand.key("Escape")
        hand.command("Welcome page")
        hand.picture("welcome.png")

    def _dialog(self) -> Any:
        from PySide6.QtWidgets import QApplication

        return QApplication.activeModalWidget()

    def _panel(self, name: str) -> Any:
        return self.window.docks.panel(name)
