"""Who is better, and nothing where a difference has no interval."""

from pathlib import Path

import numpy as np
import pytest
from scipy.stats import t, ttest_rel

from ml.evaluation.comparing import compare_classifications, difference, sentence, verdict
from ml.evaluation.leaving_out import Groups
from ml.evaluation.measures import Computed, MeanOf, Ranking, Share, figure_of
from viewer.core.errors import BadFile, BadRequest


def named(count: int) -> list[str]:
    return [f"p{i}" for i in range(count)]


def share(values) -> Share:
    values = np.asarray(values, np.float64)
    return Share(top=values, bottom=np.ones(len(values)))


def gap(first, second, patients=None):
    patients = patients or named(len(first.counts))
    return difference(first, second, Groups.of(patients))


def test_a_difference_leaves_the_same_patients_out_of_both() -> None:
    rng = np.random.default_rng(0)
    control = rng.random(40)
    model = control + 0.1 + rng.normal(0, 0.01, 40)

    figure = gap(share(control), share(model))

    apart = model - control
    theirs = ttest_rel(model, control)  # of one mean leaving one out is the usual error, within 1 / (n - 1)
    assert figure.value == pytest.approx(apart.mean())
    assert figure.high - figure.value == pytest.approx(figure.value - figure.low)
    assert figure.high - figure.low == pytest.approx(2 * t.ppf(0.975, 39) * apart.std(ddof=1) / np.sqrt(40), rel=0.05)
    assert 0 < figure.p < 1e-10 and theirs.pvalue < 1e-10
    assert verdict(figure.to_json()) == "better"
    assert verdict(gap(share(model), share(control)).to_json()) == "worse"
    noise = share(control + rng.normal(0, 0.3, 40))
    assert verdict(gap(share(control), noise).to_json()) == "unclear"


@pytest.mark.parametrize(("patients", "there"), [(29, False), (30, True)])
def test_few_patients_are_not_compared(patients: int, there: bool) -> None:
    rng = np.random.default_rng(0)
    figure = gap(share(rng.random(patients) * 0.1), share(0.8 + rng.random(patients) * 0.1))

    assert figure.has_interval is there
    assert verdict(figure.to_json()) == ("better" if there else "none")
    if not there:
        assert figure.why == "29 patients are too few, it takes 30"


def test_patients_count_where_both_figures_do() -> None:
    rng = np.random.default_rng(0)
    bottom = np.array([1.0] * 29 + [0.0] * 11)
    lacking = Share(top=rng.random(40) * bottom, bottom=bottom)

    assert gap(lacking, share(rng.random(40))).why == "29 patients are too few, it takes 30"
    assert gap(share(rng.random(40)), lacking).why == "29 patients are too few, it takes 30"


def test_a_difference_from_a_mean_of_figures_has_the_spread_of_both() -> None:
    """The mean of two shares of the same cases is the share of their mean, so both have one interval."""
    first, second, model = (np.random.default_rng(seed).random(40) for seed in range(3))

    found = gap(MeanOf(parts=(share(first), share(second))), share(model))

    whole = gap(share((first + second) / 2), share(model))
    assert (found.value, found.low, found.high) == pytest.approx((whole.value, whole.low, whole.high))


def test_films_of_one_patient_are_one() -> None:
    rng = np.random.default_rng(0)
    patients = ["one"] * 20 + named(28)

    few = gap(share(rng.random(48)), share(1 + rng.random(48)), patients)
    assert few.why == "29 patients are too few, it takes 30"


def test_what_is_not_defined_is_not_compared() -> None:
    one_class = Ranking(truth=np.ones(30), scores=np.linspace(0, 1, 30))
    sound = share(np.linspace(0, 1, 30))

    for first, second in ((one_class, sound), (sound, one_class)):
        figure = gap(first, second)
        assert np.isnan(figure.value)
        assert figure.why == "the cases hold one class only"
        assert verdict(figure.to_json()) == "none"


def infinite(count: int) -> Computed:
    return Computed(function=lambda weights: np.full(len(weights), np.inf), counts=np.ones(count, bool))


def test_an_infinite_figure_beats_nothing() -> None:
    figure = gap(share(np.linspace(0, 1, 30)), infinite(30))

    assert verdict(figure.to_json()) == "none"
    assert figure.to_json()["value"] is None


def test_beside_what_is_certain_the_model_s_own_interval_counts() -> None:
    truth = np.resize([1.0, 0.0], 30)
    constant = Ranking(truth=truth, scores=np.full(30, 0.5))
    perfect = Ranking(truth=truth, scores=truth)
    usual = Ranking(truth=truth, scores=truth * 0.3 + np.random.default_rng(1).random(30))

    figure = gap(constant, perfect)
    assert (figure.value, figure.high) == (0.5, 0.5)
    assert figure.low == pytest.approx(0.025 ** (1 / 15) - 0.5)
    assert figure.method == "exact binomial of 15 pairs of patients"
    assert verdict(figure.to_json()) == "better"
    alone = figure_of(usual, Groups.of(named(30)))
    assert gap(constant, usual).low == pytest.approx(alone.low - 0.5)
    # A perfect order is not certain, though it is the same in every draw.
    assert verdict(gap(perfect, perfect).to_json()) == verdict(gap(perfect, constant).to_json()) == "none"
    nothing = gap(share(np.full(30, 0.2)), share(np.full(30, 0.9)))
    assert nothing.value == pytest.approx(0.7)
    assert nothing.why == "it is the same whichever patient is left out"
    assert verdict(nothing.to_json()) == "none"


BETTER = {"value": 0.2, "low": 0.1, "high": 0.3}
WORSE = {"value": -0.2, "low": -0.3, "high": -0.1}
UNCLEAR = {"value": 0.2, "low": -0.1, "high": 0.3}
NONE = {"value": 0.2, "low": None, "high": None, "why": "3 patients are too few, it takes 30"}


def test_the_sentence_says_by_which_figure_and_against_whom() -> None:
    assert sentence("auc", {"a": BETTER, "b": BETTER, "c": BETTER}) == "By AUC the model beats a, b and c."
    assert sentence("dice", {"a": WORSE}) == "By Dice the model does NOT beat a, which is better."
    assert sentence("f1", {"a": UNCLEAR, "b": BETTER}) == (
        "By F1 the model does NOT clearly beat a: the interval of the difference holds 0; it beats b."
    )
    behind = {"value": -0.048, "low": -0.4, "high": 0.3}
    assert sentence("auc", {"a": behind}, {"a": 0.97}) == (
        "By AUC the model is below a (0.970), though not clearly: the interval of the difference holds 0."
    )
    assert sentence("auc", {"a": behind, "b": UNCLEAR}, {"a": 0.97, "b": 0.7}) == (
        "By AUC the model is below a (0.970), though not clearly, and does NOT clearly beat b (0.700): the interval of "
        "the difference holds 0."
    )
    assert sentence("mae", {"a": UNCLEAR}).startswith("By MAE the model is above a, though not clearly")
    assert sentence("auc", {}) == "There is no control to compare with."


@pytest.mark.parametrize("end", [0.0, -0.0])
def test_an_interval_that_ends_at_nought_holds_it(end: float) -> None:
    assert verdict({"low": end, "high": 0.2}) == verdict({"low": -0.2, "high": end}) == "unclear"


@pytest.mark.parametrize("bad", [None, float("nan"), float("inf"), -float("inf")])
def test_no_sentence_compares_without_an_interval(bad: float | None) -> None:
    for row in ({"low": bad, "high": 0.3}, {"low": 0.1, "high": bad}, {"low": bad, "high": bad}):
        assert verdict(row) == "none"
        assert "beat" not in sentence("auc", {"mean box": row})
    none = "No comparison with a and b: 3 patients are too few, it takes 30."
    assert sentence("auc", {"a": NONE, "b": NONE}) == none
    assert sentence("auc", {"a": BETTER, "b": NONE}) == (
        "By AUC the model beats a. No comparison with b: 3 patients are too few, it takes 30."
    )
    assert sentence("auc", {"b": {"low": bad, "high": bad}}) == (
        "No comparison with b: the difference has no interval."
    )


def test_a_control_stands_with_its_own_figure_where_nothing_may_be_called_better() -> None:
    gaps = {"guessing": NONE, "header facts": NONE}

    assert sentence("auc", gaps, {"guessing": 0.5, "header facts": 0.98765}) == (
        "No comparison with guessing (0.500) and header facts (0.988): 3 patients are too few, it takes 30."
    )
    assert sentence("auc", {"a": BETTER}, {"a": None}) == "By AUC the model beats a (not defined)."


def cases(folder: Path, scores, *, folds=None, truth=None) -> Path:
    folder.mkdir()
    rows = ["image,patient,fold,part,label,score,truth,answer,false,file"]
    for i, score in enumerate(scores):
        told = ("yes" if i % 2 else "no") if truth is None else truth[i]
        for label in ("other", "sick", "third"):  # the one that is asked for is neither the first nor the last
            value = score if label == "sick" else 0.5
            rows.append(f"i{i},p{i},{folds[i] if folds else 0},test,{label},{value},{told},no,,f{i}.png")
    (folder / "cases.csv").write_text("\n".join(rows) + "\n")
    return folder


def test_two_evaluations_are_compared_on_the_same_cases(tmp_path: Path) -> None:
    from sklearn.metrics import roc_auc_score

    rng = np.random.default_rng(0)
    truth = np.arange(40) % 2
    weak, strong = rng.random(40), truth * 0.6 + rng.random(40)
    first, second = cases(tmp_path / "a", weak), cases(tmp_path / "b", strong)

    found = compare_classifications(first, second, "sick")

    assert found["value"] == pytest.approx(roc_auc_score(truth, strong) - roc_auc_score(truth, weak), abs=1e-6)
    assert found["low"] < found["value"] < found["high"]
    back = compare_classifications(second, first, "sick")
    assert (back["low"], back["high"]) == pytest.approx((-found["high"], -found["low"]))


def test_folds_are_compared_within_each(tmp_path: Path) -> None:
    from sklearn.metrics import roc_auc_score

    rng = np.random.default_rng(1)
    truth, folds = np.arange(40) % 2, [i // 20 for i in range(40)]
    weak, strong = rng.random(40), truth * 0.6 + rng.random(40) + np.repeat([0.0, 5.0], 20)

    found = compare_classifications(
        cases(tmp_path / "a", weak, folds=folds), cases(tmp_path / "b", strong, folds=folds), "sick"
    )

    def mean(scores) -> float:
        return float(np.mean([roc_auc_score(truth[part], scores[part]) for part in (slice(20), slice(20, 40))]))

    assert found["value"] == pytest.approx(mean(strong) - mean(weak), abs=1e-6)


def test_unknown_truth_is_left_out_of_a_comparison(tmp_path: Path) -> None:
    truth = [*(("yes", "no") * 15), *(["unknown"] * 10)]
    one, two = cases(tmp_path / "a", np.linspace(0, 1, 40), truth=truth), np.linspace(0, 1, 40)
    two[30:] = 7

    assert compare_classifications(one, cases(tmp_path / "b", two, truth=truth), "sick")["value"] == 0


def test_a_case_that_was_not_judged_and_so_has_no_score_is_left_out_of_a_comparison(tmp_path: Path) -> None:
    from sklearn.metrics import roc_auc_score

    truth, weak = np.arange(30) % 2, np.random.default_rng(0).random(30)
    told = ["unknown", *(("no", "yes") * 15), "unknown"]
    one = cases(tmp_path / "a", ["", *weak, ""], truth=told)
    two = cases(tmp_path / "b", ["", *truth, ""], truth=told)

    assert compare_classifications(one, two, "sick")["value"] == pytest.approx(1 - roc_auc_score(truth, weak))


def test_other_patients_of_the_same_cases_are_refused(tmp_path: Path) -> None:
    one, two = (cases(tmp_path / name, np.linspace(0, 1, 30)) for name in "ab")
    table = two / "cases.csv"
    table.write_text(table.read_text().replace("i7,p7,", "i7,p8,"))

    for pair in ((one, two), (two, one)):
        with pytest.raises(BadRequest, match="name other patients"):
            compare_classifications(*pair, "sick")


def test_other_cases_or_a_score_that_is_no_number_are_refused(tmp_path: Path) -> None:
    whole, less = cases(tmp_path / "a", np.linspace(0, 1, 30)), cases(tmp_path / "b", np.linspace(0, 1, 29))

    with pytest.raises(BadRequest, match="do not hold the same cases"):
        compare_classifications(whole, less, "sick")
    for number, text in enumerate(("nan", "inf", "", "much")):
        broken = cases(tmp_path / f"c{number}", [*np.linspace(0, 1, 29), text])
        with pytest.raises(BadFile, match=r"cases\.csv has no number as the score of i29"):
            compare_classifications(whole, broken, "sick")
