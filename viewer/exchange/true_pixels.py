"""Which images of a data set their files still hold: a picture overwritten under its name is another one.

Labels drawn on the old picture would come back, or train elsewhere, on the new one. Training and prediction look at
the pixels they read anyway; an export reads a file only where its size or time are not those that were registered.
"""

from dataclasses import replace
from pathlib import Path

from viewer.core.errors import AppError
from viewer.exchange.exporter import Dataset
from viewer.project.records import ImageRecord
from viewer.reading.image_id import refuse_replaced
from viewer.reading.series import FrameRef
from viewer.reading.sources.archive import on_disk


def still_there(dataset: Dataset) -> tuple[Dataset, list[tuple[Path, str]]]:
    """(The data set without the images whose file holds another picture now, each of those with its sentence).

    A file that cannot be reached, such as one on a drive that is not there, contradicts nothing: its image stays.
    """
    problems: dict[str, tuple[Path, str]] = {}
    for record in dataset.images.records():
        reason = _another_picture(record)
        if reason:
            sentence = f"{reason} It was left out of the export, with what was said of it."
            problems[record.image_id] = (record.path, sentence)
    if not problems:
        return dataset, []
    return replace(dataset, images=dataset.images.without(set(problems))), list(problems.values())


def _another_picture(record: ImageRecord) -> str:
    """Why the file is not the image's any more; "" where it is, or cannot be reached."""
    from viewer.reading.frames import read_frame

    try:
        stat = on_disk(record.path).stat()
    except (OSError, AppError):
        return ""
    if (stat.st_size, stat.st_mtime_ns) == (record.size_bytes, record.mtime_ns):
        return ""
    ref = FrameRef(path=record.path, frame_index=record.frame_index, sop_instance_uid=record.sop_instance_uid)
    try:
        refuse_replaced(
            read_frame(ref).stored,
            record.image_id,
            sop_instance_uid=record.sop_instance_uid,
            frame_index=record.frame_index,
            path=record.path,
        )
    except AppError as error:
        return str(error)
    return ""
