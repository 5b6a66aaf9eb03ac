#!/usr/bin/env python3
"""Drive the real window by mouse and keys on real images, and keep its pictures in docs/pictures.

    .venv/bin/python packaging/pictures.py [--out docs/pictures] [--only main|odd]

main: the whole main job. odd: files that other viewers show wrongly. What is clicked is found by asking the window
where its parts lie; nothing is done behind its back. Needs Xvfb, xdotool, matchbox-window-manager, and the real images
of $NEGATOSCOPE_DATA or ../shared/data.
Pictures show STS_002 (Vallieres et al., The Cancer Imaging Archive, CC BY 3.0), films of Kermany et al. (CC BY 4.0) and
public test files.
"""

import argparse
import os
import sys
import tempfile
import threading
from pathlib import Path

from hand import HEIGHT, ROOT, WIDTH, Hand, on_a_screen_of_its_own

TOURS = ("main", "odd")


def main() -> int:
    """Open the window, let the hand work, close."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "pictures")
    parser.add_argument("--only", choices=TOURS, help="one of the two tours")
    args = parser.parse_args()
    if not os.environ.get("NEGATOSCOPE_PICTURES"):
        codes = [
            on_a_screen_of_its_own(__file__, ["--out", str(args.out), "--only", tour])
            for tour in TOURS
            if args.only in (None, tour)
        ]
        return max(codes)
    from viewer.app import make_application, make_window
    from viewer.reading.sources.data_folder import find_data

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
        from main_job import MainJob
        from odd_files import OddFiles

        tour = MainJob if args.only == "main" else OddFiles
        try:
            with tempfile.TemporaryDirectory(prefix="negatoscope-work-") as folder:
                tour(hand, window, data, Path(folder)).run()
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
