#!/usr/bin/env python3
"""Drive the real window through the whole main job on real images, and keep its pictures in docs/pictures.

    .venv/bin/python packaging/pictures.py [--out docs/pictures]

A screen of its own (Xvfb, matchbox-window-manager), mouse and keys through the X server (xdotool), the real images of
$NEGATOSCOPE_DATA or ../shared/data. What is clicked is found by asking the window where its parts lie; nothing is done
behind its back.
Pictures show STS_002 (Vallieres et al., The Cancer Imaging Archive, CC BY 3.0) and films of Kermany et al. (CC BY 4.0).
"""

import argparse
import csv
import itertools
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
WIDTH, HEIGHT = 1600, 1000
TRAIN_FILMS, OWN_FILMS = 160, 8
WAIT_S = 120.0


def on_a_screen_of_its_own(arguments: Sequence[str]) -> int:
    """Run this script again under Xvfb, with a home of its own."""
    number = next(n for n in range(90, 200) if not Path(f"/tmp/.X11-unix/X{n}").exists())
    screen = subprocess.Popen(["Xvfb", f":{number}", "-screen", "0", f"{WIDTH}x{HEIGHT}x24", "-nolisten", "tcp"])
    manager: subprocess.Popen[bytes] | None = None
    try:
        with tempfile.TemporaryDirectory(prefix="negatoscope-pictures-") as home:
            env = {k: v for k, v in os.environ.items() if not k.startswith(("XDG_", "WAYLAND"))}
            env |= {"DISPLAY": f":{number}", "QT_QPA_PLATFORM": "xcb", "HOME": home, "NEGATOSCOPE_PICTURES": "1"}
            env |= {"PYTHONPATH": str(ROOT)}
            time.sleep(1.5)
            # Without a window manager a closed dialog leaves the keyboard to nobody.
            manager = subprocess.Popen(["matchbox-window-manager", "-use_titlebar", "no"], env=env)
            time.sleep(0.5)
            return subprocess.run([sys.executable, __file__, *arguments], env=env, check=False).returncode
    finally:
        if manager is not None:
            manager.terminate()
        screen.terminate()
        screen.wait()


class Hand:
    """A hand at the mouse and keyboard, on a thread of its own; it asks the window's thread only where things are."""

    def __init__(self, out: Path) -> None:
        from PySide6.QtCore import QObject, Signal

        class Asker(QObject):
            asked = Signal(object)

        self.out = out
        self._asker = Asker()
        self._asker.asked.connect(lambda action: action())

    def ask(self, question: Callable[[], Any]) -> Any:
        """Answer a question on the window's thread, also while a dialog is open."""
        answer: list[Any] = []
        done = threading.Event()

        def action() -> None:
            try:
                answer.append(question())
            except Exception as error:  # noqa: BLE001  # handed on to the thread that asked
                answer.append(error)
            done.set()

        self._asker.asked.emit(action)
        if not done.wait(60):
            raise TimeoutError("the window does not answer")
        if isinstance(answer[0], Exception):
            raise answer[0]
        return answer[0]

    def until(self, holds: Callable[[], Any], what: str, *, wait_s: float = WAIT_S) -> None:
        """Wait until something holds."""
        end = time.monotonic() + wait_s
        while not self.ask(holds):
            if time.monotonic() > end:
                self.picture("stuck.png")
                raise TimeoutError(f"{what} did not come")
            time.sleep(0.1)

    def xdo(self, *words: object) -> None:
        """One action through the X server."""
        subprocess.run(["xdotool", *map(str, words)], check=True)
        time.sleep(0.12)

    def key(self, *names: str) -> None:
        """Press and release keys, one after the other."""
        for name in names:
            self.xdo("key", "--clearmodifiers", name)

    def type(self, text: str) -> None:
        """Type a text."""
        self.xdo("type", "--delay", "8", text)
        time.sleep(0.2)

    def at(self, widget: Any, x: float = 0.5, y: float = 0.5) -> tuple[int, int]:
        """A point of a widget on the screen, in fractions of its size."""
        from PySide6.QtCore import QPoint

        def place() -> tuple[int, int]:
            point = widget.mapToGlobal(QPoint(int(widget.width() * x), int(widget.height() * y)))
            return point.x(), point.y()

        return self.ask(place)

    def click(self, widget: Any, x: float = 0.5, y: float = 0.5) -> None:
        """Click on a widget."""
        self.xdo("mousemove", *self.at(widget, x, y))
        self.xdo("click", 1)

    def drag(self, widget: Any, points: Sequence[tuple[float, float]], *, steps: int = 8) -> None:
        """Drag along points, given in fractions of the widget."""
        places = [self.at(widget, x, y) for x, y in points]
        self.xdo("mousemove", *places[0])
        self.xdo("mousedown", 1)
        for (x0, y0), (x1, y1) in itertools.pairwise(places):
            for step in range(1, steps + 1):
                self.xdo("mousemove", x0 + (x1 - x0) * step // steps, y0 + (y1 - y0) * step // steps)
        self.xdo("mouseup", 1)
        time.sleep(0.3)

    def command(self, words: str) -> None:
        """Run a command by the palette."""
        self.key("ctrl+k")
        time.sleep(0.4)
        self.type(words)
        self.key("Return")
        time.sleep(0.4)

    def picture(self, name: str) -> None:
        """What the X server shows, at 100 %."""
        time.sleep(1.0)
        self.xdo("mousemove", WIDTH - 3, HEIGHT - 12)
        from PySide6.QtWidgets import QApplication

        def grab() -> bool:
            return bool(QApplication.primaryScreen().grabWindow(0).save(str(self.out / name)))

        self.ask(grab)
        sys.stdout.write(f"{name}\n")
        sys.stdout.flush()


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
        from viewer.ui.job_watch import job_watch_of

        watch = hand.ask(lambda: job_watch_of(session))
        hand.until(lambda: watch.runs and watch.runs[0].epoch >= 12, "epochs", wait_s=400)
        hand.picture("training.png")
        hand.until(lambda: watch.runs[0].state.value == "finished", "the end of the run", wait_s=600)

    def review(self) -> None:
        """Predict on a film nobody labelled, look at its heatmap, decide."""
        hand, session = self.hand, self.session
        hand.key("F8")
        time.sleep(1.5)
        from viewer.ui.review import review_of

        review = hand.ask(lambda: review_of(session))
        hand.click(hand.ask(lambda: session.active_view), 0.1, 0.2)
        hand.key("ctrl+r")
        hand.until(lambda: bool(session.project.work.proposals(session.shown.image_id)), "proposals", wait_s=200)
        hand.key("m")
        hand.until(lambda: review.heat is not None, "the heatmap", wait_s=200)
        hand.picture("ai_review.png")
        hand.key("a")
        time.sleep(1.0)
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


def main() -> int:
    """Open the window, let the hand work, close."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "pictures")
    args = parser.parse_args()
    if not os.environ.get("NEGATOSCOPE_PICTURES"):
        return on_a_screen_of_its_own(sys.argv[1:])
    from viewer.app import make_application, make_window
    from viewer.reading.data_folder import find_data

    data = find_data()
    if data is None:
        sys.stderr.write("The real images are not there; name their folder in $NEGATOSCOPE_DATA.\n")
        return 1
    args.out.mkdir(parents=True, exist_ok=True)
    app = make_application(sys.argv[:1])
    hand = Hand(args.out)
    window = make_window(author="Reader 1")
    window.resize(WIDTH, HEIGHT)
    window.move(0, 0)
    window.activateWindow()
    failed: list[BaseException] = []

    def work() -> None:
        try:
            with tempfile.TemporaryDirectory(prefix="negatoscope-work-") as folder:
                MainJob(hand, window, data, Path(folder)).run()
        except BaseException as error:  # noqa: BLE001  # told below, on the main thread
            failed.append(error)
            hand.ask(app.quit)

    thread = threading.Thread(target=work)
    thread.start()
    app.exec()
    thread.join(10)
    if failed:
        raise failed[0]
    return 0


if __name__ == "__main__":
    sys.exit(main())
