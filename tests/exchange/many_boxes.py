"""A project of many boxes, written straight into its tables; and a child that exports one and says what it took.

argv of the child: the project's folder, a format, the path to write. It prints how many bytes it held at most beside
what it had when it began.
"""

import json
import sys
import threading
from pathlib import Path

from viewer.core.registry import load
from viewer.core.shapes.kinds.box import Box
from viewer.exchange import EXPORTERS
from viewer.exchange.exporter import Exporter, dataset_of
from viewer.exchange.true_pixels import still_there
from viewer.project.project import Project
from viewer.project.store.schema import annotation_order, annotations, case_images, cases, images, labels, readings
from viewer.project.store.stored_edits import encode_shape

SIZE_PX = 1000


def fill(project: Project, *, images_count: int, boxes_of_each: int) -> None:
    """Images of one series whose files lie nowhere, each a case of its own, with boxes of two labels."""
    ids = [f"{number:032x}" for number in range(images_count)]
    with project.database.writing() as connection:
        connection.execute(
            labels.insert(), [{"scope": "region", "name": name, "position": n} for n, name in enumerate("ab")]
        )
        nothing = dict.fromkeys(("sop_instance_uid", "patient_id", "study_uid", "modality", "relative_path"), "")
        for number, image_id in enumerate(ids):
            case = {"case_id": image_id, "position": number, "title": image_id, "source": "s", "patient_id": ""}
            connection.execute(cases.insert().values(**case))
            connection.execute(readings.insert().values(case_id=image_id, round_id="", state="complete"))
            connection.execute(
                images.insert().values(
                    **nothing, image_id=image_id, position=number, path=f"/nowhere/{number}.png",
                    frame_index=0, source="s", series_id="series", rows=SIZE_PX, cols=SIZE_PX, pixel_sha256=image_id,
                    size_bytes=1, mtime_ns=1, tags="{}", taken_out=False,
                )
            )  # fmt: skip
            connection.execute(case_images.insert().values(case_id=image_id, image_id=image_id))
            rows = []
            for place in range(boxes_of_each):
                x, y = place % 900, (7 * place) % 900
                shape, masks = encode_shape(Box(x0_px=x + 0.25, y0_px=y, x1_px=x + 9.5, y1_px=y + number % 50 + 1))
                rows.append(
                    {
                        "annotation_id": (own_id := f"{number * boxes_of_each + place:032x}"), "image_id": image_id,
                        "object_id": own_id, "round_id": "",
                        "label": "ab"[place % 2], "shape": shape, "masks": masks, "author": "Ada", "revision": 0,
                        "origin": "person", "proposal_id": None, "proposal_seen": False,
                    }
                )  # fmt: skip
            connection.execute(annotations.insert(), rows)
            connection.execute(annotation_order.insert(), [{"annotation_id": row["annotation_id"]} for row in rows])


def export(folder: Path, name: str, out: Path) -> list[str]:
    """What the command does: look at the files, count what is lost, write."""
    exporter: Exporter = load(EXPORTERS, name)
    with Project.open(folder, writable=False) as project:
        dataset, _ = still_there(dataset_of(project))
        said = exporter.losses(dataset)
        exporter.write(out, dataset)
    return said


def _held_at_most(folder: Path, name: str, out: Path) -> int:
    import psutil

    process = psutil.Process()
    load(EXPORTERS, name)
    with Project.open(folder, writable=False) as project:  # what every command has: the modules of the database
        project.images.count()
    before = most = process.memory_info().rss
    ended = threading.Event()

    def watch() -> None:
        nonlocal most
        while not ended.wait(0.005):
            most = max(most, process.memory_info().rss)

    watcher = threading.Thread(target=watch)
    watcher.start()
    export(folder, name, out)
    ended.set()
    watcher.join()
    return most - before


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_held_at_most(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))))
