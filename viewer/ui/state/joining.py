"""After a series was asked about: what lies over each other on neighbouring slices is one finding."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from viewer.project.objects.joining import Joined
    from viewer.reading.series import Series
    from viewer.ui.state.session import Session


def join_slices_of(session: "Session", series: "Series", image_ids: Sequence[str], model_hash: str) -> None:
    """Join on the writer's thread, after the answers that are still to be written. image_ids: of the series' frames."""
    project = session.project
    if project is None:
        return
    joined: list[Joined] = []
    id_of = {(ref.path, ref.frame_index): image_id for ref, image_id in zip(series.frames, image_ids, strict=True)}

    def join() -> None:
        from viewer.project.objects.joining import in_order, join_slices
        from viewer.project.samples.stacks import stacks_of_series

        for stack in stacks_of_series([series]):
            slices = in_order(stack, id_of)
            joined.append(join_slices(project, slices, model_hash, rows=series.rows, cols=series.cols))

    def say() -> None:
        if joined and joined[0].shapes:
            session.said.emit(joined[0].words)

    session.keeping.keep_objects(join, image_ids, say)
