"""`negatoscope figures`: the figures of any table of scores, the document, subgroups, and tables that are refused."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn import metrics as sk

from ml.evaluation.figures.probabilities import NO_PROBABILITY, TOO_HIGH
from ml.evaluation.intervals import LEFT_OUT
from viewer.cli.main import main

COLUMNS = ("--truth", "label", "--score", "score", "--patient", "patient")
NAMES = (
    "auc", "average_precision", "brier", "ece", "accuracy", "balanced_accuracy", "sensitivity", "specificity", "ppv",
    "npv", "f1", "kappa",
)  # fmt: skip


def table(path: Path, patients: int = 60, films: int = 3, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Writes one of several films a patient, from two sites; returns truth and scores."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 2, patients * films)
    scores = np.round(np.clip(0.3 * truth + 0.7 * rng.random(patients * films), 0, 1), 2)
    rows = ["patient,label,score,site"]
    for i, (true, score) in enumerate(zip(truth, scores, strict=True)):
        rows.append(f"p{i // films},{true},{score:.2f},{'north' if i // films % 2 else 'south'}")
    path.write_text("\n".join(rows) + "\n")
    return truth, scores


def test_the_document_is_that_of_every_table(run, tmp_path: Path) -> None:
    truth, scores = table(tmp_path / "t.csv")

    document = run("figures", tmp_path / "t.csv", *COLUMNS)

    [found] = document["tables"]
    assert document["problems"] == []
    assert (found["file"], found["rows"], found["patients"]) == (str(tmp_path / "t.csv"), 180, 60)
    assert tuple(found["figures"]) == NAMES
    auc = found["figures"]["auc"]
    assert set(auc) == {"value", "low", "high", "method"}
    assert auc["value"] == pytest.approx(sk.roc_auc_score(truth, scores))
    assert auc["low"] < auc["value"] < auc["high"] < 1 and auc["method"] == LEFT_OUT
    assert found["figures"]["brier"]["value"] == pytest.approx(sk.brier_score_loss(truth, scores))
    ece = found["figures"]["ece"]
    assert ece["value"] > 0 and ece["low"] is None and ece["reason"] == TOO_HIGH
    for name in NAMES[4:]:
        assert found["figures"][name]["value"] is None
        assert found["figures"][name]["reason"] == "no cut was given (--threshold)"


def test_a_cut_makes_answers(run, tmp_path: Path) -> None:
    truth, scores = table(tmp_path / "t.csv")

    [found] = run("figures", tmp_path / "t.csv", *COLUMNS, "--threshold", "0.5")["tables"]

    said = scores >= 0.5
    assert found["threshold"] == 0.5
    for name, value in (
        ("accuracy", sk.accuracy_score(truth, said)), ("balanced_accuracy", sk.balanced_accuracy_score(truth, said)),
        ("sensitivity", sk.recall_score(truth, said)), ("ppv", sk.precision_score(truth, said)),
        ("f1", sk.f1_score(truth, said)), ("kappa", sk.cohen_kappa_score(truth, said)),
    ):  # fmt: skip
        figure = found["figures"][name]
        assert figure["value"] == pytest.approx(value), name
        assert figure["low"] < value < figure["high"], name


def test_at_a_prevalence_the_predictive_values_are_those_of_bayes(run, tmp_path: Path) -> None:
    table(tmp_path / "t.csv")
    plain, shifted = (
        run("figures", tmp_path / "t.csv", *COLUMNS, "--threshold", "0.5", *more)["tables"][0]
        for more in ((), ("--prevalence", "0.02"))
    )
    hit, rest = (plain["figures"][name]["value"] for name in ("sensitivity", "specificity"))

    figures = shifted["figures"]
    assert figures["ppv"]["value"] == pytest.approx(0.02 * hit / (0.02 * hit + 0.98 * (1 - rest)))
    assert figures["npv"]["value"] == pytest.approx(0.98 * rest / (0.98 * rest + 0.02 * (1 - hit)))
    assert figures["ppv"]["method"].endswith("; at a prevalence of 0.02, same mix of cases assumed")
    assert figures["auc"] == plain["figures"]["auc"]
    assert any("same mix of cases assumed" in note for note in shifted["notes"])


def test_one_film_a_patient_has_exact_shares_and_nothing_else_of_few(run, tmp_path: Path) -> None:
    truth, scores = table(tmp_path / "t.csv", patients=20, films=1)

    figures = run("figures", tmp_path / "t.csv", *COLUMNS, "--threshold", "0.5")["tables"][0]["figures"]

    right = int(((scores >= 0.5) == truth).sum())
    theirs = binomtest(right, 20).proportion_ci(0.95, method="exact")
    assert (figures["accuracy"]["low"], figures["accuracy"]["high"]) == pytest.approx((theirs.low, theirs.high))
    assert figures["accuracy"]["method"] == "exact binomial"
    assert figures["auc"]["low"] is None and figures["auc"]["reason"] == "20 patients are too few, it takes 30"


def test_one_class_and_one_patient_have_reasons(run, tmp_path: Path) -> None:
    (tmp_path / "one.csv").write_text("patient,label,score\na,1,0.5\nb,1,0.7\n")
    (tmp_path / "me.csv").write_text("patient,label,score\na,1,0.5\na,0,0.7\n")
    (tmp_path / "none.csv").write_text("patient,label,score\na,,0.5\nb,,0.7\n")

    tables = run("figures", *(tmp_path / f"{name}.csv" for name in ("one", "me", "none")), *COLUMNS)["tables"]
    one, me, none = (found["figures"] for found in tables)

    assert (one["auc"]["value"], one["auc"]["reason"]) == (None, "the cases hold one class only")
    assert me["auc"]["value"] == 0 and me["auc"]["reason"] == "1 patient, who says nothing of others"
    assert {figure["value"] for figure in none.values()} == {None}
    assert tables[2]["rows"] == 2 and tables[2]["notes"] == ["2 rows have no truth: in no figure."]


def test_scores_outside_0_to_1_have_no_brier_score(run, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("patient,label,score\na,1,3.5\nb,0,-2\n")

    figures = run("figures", tmp_path / "t.csv", *COLUMNS)["tables"][0]["figures"]

    assert figures["auc"]["value"] == 1
    for name in ("brier", "ece"):
        assert figures[name] == {
            "value": None, "low": None, "high": None, "method": "",
            "reason": NO_PROBABILITY,
        }  # fmt: skip


def test_a_table_that_is_refused_stops_no_other(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, bad, gone = (tmp_path / name for name in ("good.csv", "bad.csv", "gone.csv"))
    table(good)
    bad.write_text("patient,label,score\na,1,0.5\nb,0,nan\n")

    assert main(["figures", str(bad), str(gone), str(good), *COLUMNS, "--json"]) == 1

    said = capsys.readouterr()
    document: dict[str, Any] = json.loads(said.out)
    sentence = f"{bad}, row 3: the score is no finite number: 'nan' is not a finite number."
    assert [found["file"] for found in document["tables"]] == [str(good)]
    assert document["problems"][0] == {"file": str(bad), "message": sentence}
    assert document["problems"][1] == {"file": str(gone), "message": f"{gone} is not there."}
    assert sentence in said.err


def test_subgroups_have_the_figures_of_their_rows_alone(run, tmp_path: Path) -> None:
    truth, scores = table(tmp_path / "t.csv", patients=120)
    north = np.repeat(np.arange(120) % 2 == 1, 3)
    alone = tmp_path / "north.csv"
    lines = (tmp_path / "t.csv").read_text().splitlines()
    alone.write_text("\n".join([lines[0], *(line for line in lines[1:] if line.endswith("north"))]))

    whole, part = run("figures", tmp_path / "t.csv", alone, *COLUMNS, "--by", "site", "--threshold", "0.5")["tables"]

    by = whole["by"]
    assert by["column"] == "site" and set(by["groups"]) == {"north", "south"}
    assert by["groups"]["north"]["figures"] == part["figures"]
    assert (by["groups"]["north"]["rows"], by["groups"]["north"]["patients"]) == (180, 60)
    areas = {name: sk.roc_auc_score(truth[here], scores[here]) for name, here in (("north", north), ("south", ~north))}
    assert by["worst"] == min(areas, key=lambda name: areas[name])
    gap = by["groups"]["north"]["against_the_others"]
    assert gap["value"] == pytest.approx(areas["north"] - areas["south"])
    assert gap["p_holm"] == pytest.approx(min(1, 2 * gap["p"]))
    assert by["sentence"].startswith(f"Worst by AUC: site {by['worst']}, ")
    assert "not clearly below the others" in by["sentence"]


def test_a_group_that_is_worse_is_called_so_and_few_patients_are_not(run, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    rows = ["patient,label,score,site"]
    for patient in range(200):
        site, label = ("good", "bad", "tiny")[0 if patient < 100 else 1 if patient < 190 else 2], patient % 2
        score = rng.random() * 0.5 + (0.4 * label if site == "good" else -0.0)
        rows.append(f"p{patient},{label},{score:.4f},{site}")
    (tmp_path / "t.csv").write_text("\n".join(rows))

    by = run("figures", tmp_path / "t.csv", *COLUMNS, "--by", "site")["tables"][0]["by"]

    assert by["worst"] == "bad" and "; clearly below the others (p " in by["sentence"]
    assert by["groups"]["tiny"]["figures"]["auc"]["reason"] == "10 patients are too few, it takes 30"
    assert by["groups"]["tiny"]["against_the_others"]["low"] is None


def test_people_read_a_line_for_each_figure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table(tmp_path / "t.csv")

    assert main(["figures", str(tmp_path / "t.csv"), *COLUMNS, "--threshold", "0.5", "--by", "site"]) == 0

    said = capsys.readouterr().out
    assert said.startswith(f"{tmp_path / 't.csv'}: 180 rows of 60 patients\n  AUC ")
    assert "  site north: 90 rows of 30 patients\n    AUC " in said
    assert "Worst by AUC" in said and "Intervals: 95%, of patients" in said
    assert "no cut was given" not in said


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--prevalence", "0"), "A prevalence lies between 0 and 1, and 0 does not."),
        (("--prevalence", "nan"), "A prevalence lies between 0 and 1, and nan does not."),
        (("--threshold", "inf"), "--threshold is a finite number."),
        (("--truth", "score"), "--truth, --score and --patient are three columns; two of them have one name."),
    ],
)
def test_what_cannot_be_asked_is_refused_at_once(run, tmp_path: Path, words, sentence: str) -> None:
    table(tmp_path / "t.csv")

    assert run("figures", tmp_path / "t.csv", *COLUMNS, *words, code=2)["error"]["message"] == sentence
