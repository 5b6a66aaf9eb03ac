"""What a network is told of an image of which a person said that it may be either."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from ml.data.targets import TaskFacts, class_index, label_row
from viewer.core.labels import Verdict

YES, NO, UNCERTAIN, NOT_ASSESSED = Verdict.YES, Verdict.NO, Verdict.UNCERTAIN, Verdict.NOT_ASSESSED
PAIR = TaskFacts(kind="classification", labels=("ill", "well"), exclusive=True)
EACH = TaskFacts(kind="classification", labels=("ill", "well"), exclusive=False)


def item_of(**labels: Verdict) -> Any:
    return SimpleNamespace(labels=labels, path=Path("a.png"))


def test_what_is_uncertain_is_neither_yes_nor_no() -> None:
    np.testing.assert_array_equal(label_row(item_of(ill=NO, well=UNCERTAIN), EACH), [0, np.nan])
    np.testing.assert_array_equal(label_row(item_of(ill=UNCERTAIN, well=YES), EACH), [np.nan, 1])


def test_of_a_pair_only_the_label_that_nobody_spoke_of_follows_from_the_other() -> None:
    assert class_index(item_of(ill=NO), PAIR) == 1
    assert class_index(item_of(ill=NO, well=UNCERTAIN), PAIR) == -1
    assert class_index(item_of(ill=NO, well=NOT_ASSESSED), PAIR) == -1
    assert class_index(item_of(ill=NO, well=NO), PAIR) == -1
