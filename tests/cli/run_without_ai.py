"""A child in which everything of the `ai` extra is as if it were not installed.

Called with "commands" (a JSON list of command lines on stdin; answers one JSON list of [exit code, stdout, stderr]) or
with "window FOLDER" (opens it, draws a box, asks for a training and a prediction; answers what was said).
"""

import contextlib
import io
import json
import os
import sys
import time
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Any

AI = (
    "torch", "torchvision", "timm", "segmentation_models_pytorch", "torchmetrics", "pytorch_grad_cam", "safetensors",
    "sklearn", "faster_coco_eval", "cv2",
)  # fmt: skip
WAIT_S = float(os.environ.get("NEGATOSCOPE_TEST_LIMIT_S", "600"))  # as in tests/waiting.py


def hide() -> None:
    """No finder finds these any more."""
    find = PathFinder.find_spec

    def find_spec(name: str, path: Any = None, target: Any = None) -> Any:
        return None if name.partition(".")[0] in AI else find(name, path, target)

    PathFinder.find_spec = find_spec  # type: ignore[method-assign,assignment]


def commands() -> list[Any]:
    """Run each line in this one process."""
    from viewer.cli.main import main

    answers = []
    for words in json.load(sys.stdin):
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = main(words)
        answers.append([code, out.getvalue(), err.getvalue()])
    return answers


def window(folder: Path) -> dict[str, Any]:
    """Open, draw, ask."""
    from PySide6.QtCore import QPoint, Qt
    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QLabel

    from viewer.app import make_application, make_window
    from viewer.project.edit_builders import add_label
    from viewer.ui.state.settings import Settings

    app = make_application(sys.argv[:1])
    main_window = make_window([folder], settings=Settings(folder.parent / "settings.ini"), author="reader")
    session = main_window.session
    said: list[str] = []
    session.announced.connect(lambda _kind, sentence: said.append(sentence))

    def until(holds: Any) -> None:
        end = time.monotonic() + WAIT_S
        while not holds():
            if time.monotonic() > end:
                raise TimeoutError("the window did not come so far")
            app.processEvents()
            time.sleep(0.005)

    until(lambda: session.project is not None and session.shown is not None and session.shown.image_id is not None)
    until(lambda: session.at_hand.images.known(session.shown.image_id))
    main_window.enter("annotate")
    session.do(add_label("Nodule", "region", session.project.labels))
    view = session.active_view
    QTest.keyClick(view, Qt.Key.Key_B)
    middle = view.rect().center()
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=middle - QPoint(60, 60))
    for step in range(1, 6):
        QTest.mouseMove(view, middle - QPoint(60, 60) + QPoint(20 * step, 20 * step))
        QTest.qWait(5)
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=middle + QPoint(40, 40))
    image_id = session.shown.image_id
    until(lambda: session.project.work.annotations(image_id))
    until(lambda: any("was added to" in sentence for sentence in said))  # told once the drawing is kept
    kept = [annotation.label for annotation in session.project.work.annotations(image_id)]

    from viewer.ui.dialogs.train import TrainDialog

    dialog = TrainDialog(session, parent=main_window)
    train = [label.text() for label in dialog.findChildren(QLabel) if not label.isHidden() and "torch" in label.text()]
    waits = not dialog.waits.isHidden()
    dialog.deleteLater()
    main_window.enter("review")
    said.clear()
    main_window.book.run("ai.predict_image")
    until(lambda: said)
    folder_of_work = str(session.project.folder)
    main_window.close()
    return {"kept": kept, "train": train, "train_waits": waits, "review": said, "project": folder_of_work}


if __name__ == "__main__":
    hide()
    answer = commands() if sys.argv[1] == "commands" else window(Path(sys.argv[2]))
    loaded = sorted(name for name in AI if name in sys.modules)
    sys.stdout.write(json.dumps({"answer": answer, "loaded": loaded}) + "\n")
