"""Why a snapshot would hold nothing: what keeps every image out, the most frequent reason first, and what to do."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from viewer.core.task_kinds.kind import NONE_OF_ITS_LABELS
from viewer.core.task_kinds.regression import NONE_OF_ITS_NUMBERS
from viewer.core.text.counting import counted
from viewer.project.records import Task
from viewer.project.snapshots.items import HELD_UP, NOT_COMPLETE, what_to_do

MOST_REASONS = 3
_ADVICE = {
    NOT_COMPLETE: "Complete cases first (Annotate, Complete and next; or tick it at an import).",
    **dict.fromkeys(HELD_UP.values(), "A case enters once it is approved."),
    NONE_OF_ITS_LABELS: "Say of the images whether they show them, or choose other labels.",
    NONE_OF_ITS_NUMBERS: "Write the numbers of the images, or choose another task.",
}


class LeftOut(Protocol):
    """What was read for a task: how many images stay out by reason, and which files where that was named. lacking: what
    the first image that lacks frames of its sample lacks, "" where none does."""

    @property
    def left_out(self) -> Mapping[str, int]: ...

    @property
    def lacking(self) -> str: ...


def stay_out_words(left_out: Mapping[str, int]) -> str:
    """ "1 image stays out: case not complete; 2 images stay out: ..."."""
    return "; ".join(
        f"{counted(count, 'image')} {'stays' if count == 1 else 'stay'} out: {reason}"
        for reason, count in left_out.items()
        if count
    )


def why_empty(task: Task, read: LeftOut, named: Mapping[str, Sequence[Path | str]]) -> str:
    """The sentences. named: files by reason, where it says which they are."""
    reasons = {reason: count for reason, count in read.left_out.items() if count}
    ready = f"No image is ready for the task {task.name} ({', '.join(task.labels)})"
    if not reasons:
        return f"{ready}: the project has no images yet; add some first."
    if read.lacking:
        return f"{ready}: none has the frames that a sample is made of; the first {read.lacking.rstrip('.')}."
    ordered = sorted(reasons, key=lambda reason: -reasons[reason])
    told = {reason: reasons[reason] for reason in ordered[:MOST_REASONS]}
    more = f"; and {len(ordered) - MOST_REASONS} more reasons" if len(ordered) > MOST_REASONS else ""
    files = "".join(_files(reason, [Path(one).name for one in named.get(reason, ())]) for reason in told)
    advice = " ".join(dict.fromkeys(filter(None, (_ADVICE.get(one) or what_to_do(one) for one in told))))
    return f"{ready}: {stay_out_words(told)}{more}.{files}{' ' if advice else ''}{advice}"


def _files(reason: str, names: list[str]) -> str:
    if not names:
        return ""
    others = f" and {len(names) - 1} more" if len(names) > 1 else ""
    return f" Of {names[0]}{others}, {reason}."
