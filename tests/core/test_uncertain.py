""" "Uncertain" is an answer: a person looked, and it may be either. It is neither yes nor no for anybody who counts."""

import pytest

from viewer.core.answers import open_words, pressed, rejecting, saying
from viewer.core.labels import Verdict

YES, NO, UNCERTAIN, NOT_ASSESSED = Verdict.YES, Verdict.NO, Verdict.UNCERTAIN, Verdict.NOT_ASSESSED
PAIR = (("ill", "well"),)


def test_two_verdicts_tell_and_two_do_not() -> None:
    assert {verdict.value: verdict.tells for verdict in Verdict} == {
        "yes": True, "no": True, "uncertain": False, "not assessed": False
    }  # fmt: skip


def test_it_is_said_of_one_label_alone() -> None:
    assert saying("ill", UNCERTAIN, {"well": YES}, PAIR) == {"ill": UNCERTAIN}
    assert saying("ill", UNCERTAIN, {}, PAIR) == {"ill": UNCERTAIN}


@pytest.mark.parametrize(
    ("said", "is_open"),
    [
        ({"ill": UNCERTAIN}, True), ({"ill": UNCERTAIN, "well": UNCERTAIN}, False),
        ({"ill": UNCERTAIN, "well": NOT_ASSESSED}, False), ({"ill": UNCERTAIN, "well": YES}, False),
        ({"ill": UNCERTAIN, "well": NO}, True),
    ],
)  # fmt: skip
def test_a_question_is_answered_when_one_label_holds_or_none_can_be_told(
    said: dict[str, Verdict], is_open: bool
) -> None:
    assert bool(open_words(PAIR[0], said, PAIR)) is is_open


def test_the_key_says_yes_to_what_is_uncertain_and_a_rejected_answer_leaves_it() -> None:
    assert pressed("ill", {"ill": UNCERTAIN}, ()) is YES
    assert rejecting("ill", {"ill": UNCERTAIN}, ()) == {}
