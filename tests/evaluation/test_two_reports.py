"""Two reports are compared on the same cases with the same truth, by the figure that decides; else it is said why not.

The figures that the comparison must give are scikit-learn's and numpy's, of the very numbers that the table is made of.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import f1_score, roc_auc_score

from ml.evaluation.collected import CASE_COLUMNS
from ml.evaluation.comparing import BETTER, NONE, UNCLEAR, WORSE
from ml.evaluation.two_reports import Compared, compare_reports
from ml.tasks import TASKS
from viewer.core.errors import BadFile
from viewer.core.text.table_text import comma_text

PATIENTS = 30
RNG = np.random.default_rng(7)
TRUTH = np.arange(PATIENTS) % 2


def report(folder: Path, decides: str, value: float, rows: list[dict[str, Any]], **facts: Any) -> dict[str, Any]:
    """A report's folder with its table; returns its figures."""
    folder.mkdir()
    whole = [
        {"image": f"i{row.get('case', place):03}", "patient": f"p{row.pop('case', place):03}", "fold": 0,
         "part": "test", "label": "a", "seen": "", "file": "f.png", **row}
        for place, row in enumerate(rows)
    ]  # fmt: skip
    (folder / "cases.csv").write_text(comma_text(CASE_COLUMNS, whole))
    figures = {decides: {"value": value, "low": None, "high": None}}
    return {"decides": decides, "snapshot": "s", "seen": {"mark": ""}, "answers": {"model": figures}, **facts}


def compared(kind: str, first: tuple[Path, dict[str, Any]], second: tuple[Path, dict[str, Any]]) -> Compared:
    folders, documents = zip(first, second, strict=True)
    return compare_reports(kind, folders, documents, exclusive=False, names=("aaaa", "bbbb"))


def ranked(folder: Path, scores: Any, *, truth: Any = TRUTH, patients: int = PATIENTS, **facts: Any) -> Any:
    scores = np.round(np.asarray(scores, float), 6)[:patients]
    value = float(roc_auc_score(truth[:patients], scores))
    rows = [
        {"truth": "yes" if true else "no", "score": score, "answer": "no"}
        for true, score in zip(truth[:patients], scores, strict=True)
    ]
    return folder, report(folder, "auc", value, rows, **facts)


WEAK, STRONG = RNG.random(PATIENTS), TRUTH + 0.3 * RNG.random(PATIENTS)


def classification(folder: Path, *, good: bool) -> Any:
    return ranked(folder, STRONG if good else WEAK)


def regression(folder: Path, *, good: bool) -> Any:
    truth = 40.0 + np.arange(PATIENTS)
    answers = truth + (0.5 if good else 5.0) * np.where(np.arange(PATIENTS) % 3, 1, -1) * (
        1 + np.arange(PATIENTS) % 7 / 7
    )
    rows = [
        {"truth": f"{true:.6g}", "answer": f"{said:.6g}", "score": abs(true - said)}
        for true, said in zip(truth, answers, strict=True)
    ]
    return folder, report(folder, "mae:age [a]", float(np.abs(answers - truth).mean()), rows)


def segmentation(folder: Path, *, good: bool) -> Any:
    dice = (0.9 if good else 0.4) + np.arange(PATIENTS) % (5 if good else 7) / 100
    rows = [{"truth": "present", "answer": "", "score": one} for one in dice]
    return folder, report(folder, "dice", float(dice.mean()), rows)


def detection(folder: Path, *, good: bool) -> Any:
    """One true box an image; a good detector finds it in 28 of 30, the other in 10 and is wrong besides."""
    found = np.arange(PATIENTS) < (28 if good else 10)
    truth = [1] * PATIENTS + [0] * PATIENTS
    said = [*found.astype(int), *([0 if good else 1] * PATIENTS)]
    rows = [
        {"truth": "1", "answer": f"{int(hit) + (0 if good else 1)}", "false": 0 if good else 1,
         "score": 0.8 if hit else 0}
        for hit in found
    ]  # fmt: skip
    return folder, report(folder, "f1", float(f1_score(truth, said)), rows)


KINDS = {
    "classification": classification, "detection": detection, "segmentation": segmentation, "regression": regression,
}  # fmt: skip


def test_every_kind_is_tried() -> None:
    assert set(KINDS) == set(TASKS)


@pytest.mark.parametrize("kind", KINDS)
def test_the_better_one_is_said_to_be_better_and_the_other_way_round_worse(tmp_path: Path, kind: str) -> None:
    weak, strong = KINDS[kind](tmp_path / "weak", good=False), KINDS[kind](tmp_path / "strong", good=True)
    figure = weak[1]["decides"]
    values = [each[1]["answers"]["model"][figure]["value"] for each in (weak, strong)]

    found, back = compared(kind, weak, strong), compared(kind, strong, weak)

    assert (found.verdict, back.verdict) == (BETTER, WORSE)
    assert found.gap is not None and back.gap is not None
    assert found.gap["value"] == pytest.approx(values[1] - values[0], abs=1e-5)
    assert (back.gap["low"], back.gap["high"]) == pytest.approx((-found.gap["high"], -found.gap["low"]))
    assert found.said.startswith("bbbb is better than aaaa by ")
    assert f"on the same {PATIENTS} cases of {PATIENTS} patients: bbbb less aaaa is " in found.said


def test_two_that_are_alike_make_no_clear_difference(tmp_path: Path) -> None:
    found = compared("classification", ranked(tmp_path / "a", WEAK), ranked(tmp_path / "b", RNG.random(PATIENTS)))

    assert found.verdict == UNCLEAR
    assert "there is no clear difference" in found.said and found.said.endswith(", which holds 0.")
    assert found.gap is not None
    assert f": bbbb less aaaa is {found.gap['value']:.3f} (" in found.said


def refused(first: Any, second: Any) -> str:
    found = compared("classification", first, second)
    assert (found.verdict, found.gap) == (NONE, None)
    return found.said


def test_what_may_not_be_compared_says_why(tmp_path: Path) -> None:
    whole, other = ranked(tmp_path / "a", WEAK), np.array(TRUTH)
    other[:2] = other[1::-1]

    assert refused(whole, ranked(tmp_path / "b", STRONG, patients=28)) == (
        "No comparison: the two are not judged on the same test cases, 2 images in one only."
    )
    assert refused(whole, ranked(tmp_path / "c", STRONG, truth=other)) == (
        "No comparison: the labels of 2 test cases were changed between the two (f.png, f.png)."
    )
    assert refused(whole, ranked(tmp_path / "d", STRONG, seen={"mark": "seen"})) == (
        "No comparison: bbbb has seen cases that it is judged on."
    )
    few = [ranked(tmp_path / name, scores, patients=18) for name, scores in (("e", WEAK), ("f", STRONG))]
    assert refused(*few) == "No comparison: 18 patients are too few, it takes 30."
    assert refused(whole, (whole[0], {**whole[1], "decides": "accuracy"})) == (
        "No comparison: the two are judged by different figures."
    )


@pytest.mark.parametrize("kind", ["detection", "segmentation"])
def test_drawn_truth_of_two_snapshots_is_not_compared_for_a_table_holds_no_shapes(tmp_path: Path, kind: str) -> None:
    first, (folder, document) = KINDS[kind](tmp_path / "a", good=False), KINDS[kind](tmp_path / "b", good=True)

    found = compared(kind, first, (folder, {**document, "snapshot": "another"}))

    assert found.verdict == NONE and "two snapshots" in found.said


def test_a_table_that_is_not_that_of_its_figures_is_refused(tmp_path: Path) -> None:
    first, second = ranked(tmp_path / "a", WEAK), ranked(tmp_path / "b", STRONG)
    second[1]["answers"]["model"]["auc"]["value"] -= 0.2
    with pytest.raises(BadFile, match=r"cases\.csv is not the table of the figures beside it; evaluate that run again"):
        compared("classification", first, second)


@pytest.mark.parametrize("text", ["", "image\n", "image,patient,fold,label,truth,score,answer,false\ni,p,0,a,yes,x,,"])
def test_a_table_that_is_none_is_refused_in_a_sentence(tmp_path: Path, text: str) -> None:
    first, second = ranked(tmp_path / "a", WEAK), ranked(tmp_path / "b", STRONG)
    (second[0] / "cases.csv").write_text(text)

    try:
        found = compared("classification", first, second)
    except BadFile as error:
        assert "cases.csv is no table of cases" in str(error)
    else:
        assert found.verdict == NONE
