"""A child: the real window opens a project, starts a training as the dialog does, and stays until it is told to close.

Called with PROJECT SNAPSHOT_ID. Prints "started RUN_FOLDER"; closes its window at the first line on stdin.
"""

import os
import sys
import threading
import time
from pathlib import Path

from viewer.app import make_application, make_window
from viewer.jobs.runs import read_run
from viewer.ui.state.settings import Settings

WAIT_S = float(os.environ.get("NEGATOSCOPE_TEST_LIMIT_S", "600"))  # as in tests/waiting.py


def main() -> None:
    """Start the run, then wait."""
    from ml.recipe import default_recipe
    from viewer.jobs.queue import enqueue, start_next

    project = Path(sys.argv[1])
    app = make_application(sys.argv[:1])
    window = make_window([project], settings=Settings(project.parent / "settings.ini"))
    session = window.session
    _until(app, lambda: session.project is not None and session.project.folder == project)
    recipe = default_recipe(
        task="nodule", kind="classification", labels=("nodule", "clear"), model="simple_cnn", snapshot_id=sys.argv[2],
        epochs=100_000, input_px=32, batch_size=4, threads=1, precision="fp32", device="cpu",
    )  # fmt: skip
    folder = enqueue(project, recipe)
    session.run_in_background(lambda: start_next(project), lambda _: None, session.announce_failure)
    watch = session.jobs
    _until(app, lambda: watch.running is not None and read_run(folder).epoch > 0)
    sys.stdout.write(f"started {folder}\n")
    sys.stdout.flush()
    told = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.readline(), told.set()), daemon=True).start()
    _until(app, told.is_set)
    window.close()


def _until(app: object, holds: object) -> None:
    end = time.monotonic() + WAIT_S
    while not holds():  # type: ignore[operator]
        if time.monotonic() > end:
            raise TimeoutError("the window did not come so far")
        app.processEvents()  # type: ignore[attr-defined]
        time.sleep(0.005)


if __name__ == "__main__":
    main()
