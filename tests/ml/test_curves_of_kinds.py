"""Boxes and masks have their learning curve, and their second read, as labels have."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ml.evaluation.agreeing.second_read import DRAWN, tell_second_read
from ml.learning_curve.asked import CurveWish
from ml.learning_curve.job import make_curve
from tests.ml.judged_kinds import KINDS, Judged, make, say
from viewer.jobs.learning_curves import ask_for_curve, kept_curve
from viewer.project.project import Project
from viewer.project.snapshots.second_read import draw_second_read
from viewer.project.snapshots.snapshot import Snapshot


@pytest.mark.parametrize(("name", "figure"), [("boxes", "f1"), ("masks for themselves", "dice")])
def test_each_kind_is_judged_by_its_own_figure_and_told_by_what_is_drawn(
    tmp_path: Path, name: str, figure: str
) -> None:
    judged = make(tmp_path, replace(KINDS[name], epochs=1, cut=0.5))
    run = judged.project / "runs" / judged.run

    ask_for_curve(run, CurveWish(shares=(50, 100), repeats=1))
    made = make_curve(run / "learning_curve")

    assert made.metric == figure and kept_curve(run) == made
    assert [point.patients for point in made.points] == [5, 10] and made.val_patients == 6
    assert all(point.value is not None and 0 <= point.value <= 1 for point in made.points)
    assert "are too few" in made.outlook.said and all("6 patients" in point.why for point in made.points if point.why)
    second_read(judged)


def second_read(judged: Judged) -> None:
    """Of 28 films the first of those drawn is left empty the second time, all others are drawn as before."""
    with Project.open(judged.project, writable=True) as project:
        read = draw_second_read(project, Snapshot.load(judged.project), "Ada")
        with project.in_reading(read.reader) as second:
            empty, *others = read.image_ids
            files = {image.image_id: Path(image.path).name for image in second.images.all()}
            for image_id in others:
                say(second, image_id, judged.kind, judged.truth[files[image_id]])
            drawn = judged.truth[files[empty]]
            say(second, empty, judged.kind, [one[:0] if isinstance(one, list) else np.zeros_like(one) for one in drawn])
        told = tell_second_read(project, read)

    there = sum(bool(np.any(one)) for one in drawn)
    assert (told.done, told.waits) == (28, 0) and told.agreed is not None
    assert told.agreed.figures["same"].value == pytest.approx(1 - there / 56)
    assert len(told.agreed.differ) == there and DRAWN in told.said
