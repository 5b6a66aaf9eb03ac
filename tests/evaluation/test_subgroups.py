"""Groups of cases: who belongs to which, their figures by hand and by scikit-learn, and what may be called worse."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from sklearn import metrics as sk

from ml.data.header_numbers import age_between
from ml.evaluation.box_outcome import BoxOutcome
from ml.evaluation.boxes import BoxCase
from ml.evaluation.class_outcome import ClassOutcome
from ml.evaluation.comparing import apart
from ml.evaluation.figures.masks import mask_figures, mask_table
from ml.evaluation.intervals import interval
from ml.evaluation.leaving_out import Groups
from ml.evaluation.mask_outcome import MaskOutcome
from ml.evaluation.measures import Ranking
from ml.evaluation.number_outcome import NumberOutcome
from ml.evaluation.subgroups import columns
from ml.evaluation.subgroups.columns import age_band, group_values
from ml.evaluation.subgroups.judging import NOT_SAID
from ml.evaluation.subgroups.kept import read_groups
from ml.evaluation.subgroups.told import add_groups, group_tables, told_groups
from viewer.core.checked import Fields
from viewer.core.errors import BadFile, BadRequest
from viewer.project.attributes import agreed


def classes(truth: Any, scores: Any, folds: Any = None) -> ClassOutcome:
    truth = np.asarray(truth, np.float64)
    return ClassOutcome(
        truth=truth[:, None], scores=np.asarray(scores, np.float64)[:, None], thresholds=np.full(len(truth), 0.5),
        folds=np.zeros(len(truth), np.int64) if folds is None else np.asarray(folds), labels=("sick",),
        exclusive=False,
    )  # fmt: skip


def two_sites(count: int = 240) -> tuple[ClassOutcome, list[str], list[str], np.ndarray]:
    """One film a patient; good scores at one site, chance at the other. (outcome, sites, patients, here)"""
    rng = np.random.default_rng(4)
    truth, here = np.arange(count) % 2, np.arange(count) % 4 < 2
    scores = rng.random(count) * 0.6 + np.where(here, 0.4, 0.0) * truth
    return classes(truth, scores), ["A" if one else "B" for one in here], [f"p{i}" for i in range(count)], here


def test_each_group_has_the_figures_of_its_cases_alone_by_a_second_library() -> None:
    outcome, sites, patients, here = two_sites()
    truth, scores = outcome.truth[:, 0], outcome.scores[:, 0]

    document = told_groups({"site": sites}, outcome, "auc", patients)

    assert document is not None
    (column,) = document["columns"]
    areas = {name: sk.roc_auc_score(truth[of], scores[of]) for name, of in (("A", here), ("B", ~here))}
    for name, of in (("A", here), ("B", ~here)):
        group = column["groups"][name]
        assert (group["rows"], group["patients"]) == (120, 120)
        assert group["figures"]["auc"]["value"] == pytest.approx(areas[name])
        said = scores[of] >= 0.5
        assert group["figures"]["sensitivity"]["value"] == pytest.approx(sk.recall_score(truth[of], said))
        assert group["figures"]["specificity"]["value"] == pytest.approx(sk.recall_score(truth[of], said, pos_label=0))
    assert column["groups"]["B"]["against_the_others"]["value"] == pytest.approx(areas["B"] - areas["A"])
    assert column["worst"] == "B"
    assert column["sentence"].startswith(f"Worst by AUC: site B, {areas['B']:.3f} (")
    assert "; clearly below the others (p " in column["sentence"] and "by Holm over 2 groups)" in column["sentence"]
    assert document["sentence"] == "Clearly worse than the other cases by AUC, all groups allowed for: site B."


def test_all_groups_of_all_columns_are_allowed_for() -> None:
    """By hand, Holm (1979), over the four groups that were looked at: least p times four, the next times three."""
    outcome, sites, patients, _ = two_sites()
    halves = ["x" if number < 120 else "y" for number in range(240)]

    document = told_groups({"site": sites, "half": halves}, outcome, "auc", patients)

    assert document is not None and document["compared"] == 4
    gaps = [group["against_the_others"] for column in document["columns"] for group in column["groups"].values()]
    ordered = sorted(gaps, key=lambda gap: gap["p"])
    reached = 0.0
    for times, gap in zip((4, 3, 2, 1), ordered, strict=True):
        reached = max(reached, min(1.0, times * gap["p"]))
        assert gap["p_holm"] == pytest.approx(reached)


def test_few_patients_are_told_and_called_nothing() -> None:
    outcome, _, patients, _ = two_sites()
    sites = ["tiny" if number < 20 else "" for number in range(240)]

    document = told_groups({"site": sites}, outcome, "auc", patients)

    assert document is not None
    (column,) = document["columns"]
    tiny = column["groups"]["tiny"]
    assert tiny["figures"]["auc"]["why"] == "20 patients are too few, it takes 30"
    assert tiny["figures"]["auc"]["low"] is tiny["against_the_others"]["low"] is None
    assert column["worst"] is None and "fewer than two have an AUC with an interval" in column["sentence"]
    assert document["sentence"] == "No group of site has enough patients to be held against the others."
    (table,) = group_tables(document)
    assert table.columns[:4] == ("Group", "Cases", "Patients", "AUC")
    assert [row[:3] for row in table.rows] == [(NOT_SAID, "220", "220"), ("tiny", "20", "20")]
    assert "20 patients are too few" in table.note or "20 patients are too few" in " ".join(table.rows[1])


def test_of_an_error_the_largest_is_the_worst() -> None:
    rng = np.random.default_rng(1)
    truth = rng.random((80, 1)) * 100
    off = np.where(np.arange(80) % 2, 30.0, 1.0)[:, None] + rng.random((80, 1))
    outcome = NumberOutcome(truth=truth, answers=truth + off, labels=("age",), units=("a",))

    document = told_groups(
        {"sex": ["male" if number % 2 else "female" for number in range(80)]}, outcome, outcome.primary,
        [f"p{i}" for i in range(80)],
    )  # fmt: skip

    assert document is not None
    (column,) = document["columns"]
    assert column["worst"] == "male" and "; clearly above the others" in column["sentence"]
    assert document["sentence"].endswith("all groups allowed for: sex male.")
    male = column["groups"]["male"]["figures"]
    assert male["mae:age [a]"]["value"] == pytest.approx(float(np.abs(off[1::2]).mean()))
    assert male["bias:age [a]"]["value"] == pytest.approx(float(off[1::2].mean()))


def test_only_the_largest_groups_are_judged_and_how_many_are_not_is_said() -> None:
    outcome, _, patients, _ = two_sites()
    names = [f"scanner {number % 15:02d}" if number < 150 else "the one" for number in range(240)]

    document = told_groups({"scanner": names}, outcome, "auc", patients)

    assert document is not None
    (column,) = document["columns"]
    assert len(column["groups"]) == 12 and "the one" in column["groups"] and column["not_judged"] == 4
    assert "4 smaller groups are not judged alone." in group_tables(document)[0].note


@pytest.mark.parametrize("seed", range(5))
def test_a_difference_of_two_parts_is_that_of_leaving_each_patient_out_of_both(seed: int) -> None:
    """Patients of several films, in both parts: each value by hand, with the patient's films taken out."""
    rng = np.random.default_rng(seed)
    whose = rng.integers(0, 60, 300)
    truth, scores = rng.integers(0, 2, 300).astype(float), rng.random(300)
    inside = rng.random(300) < 0.4
    groups = Groups.of([f"p{one:03d}" for one in whose])

    def area(of: np.ndarray) -> float:
        return float(sk.roc_auc_score(truth[of], scores[of]))

    def part(of: np.ndarray) -> tuple[Ranking, Groups]:
        places = np.flatnonzero(of)
        return Ranking(truth=truth[places], scores=scores[places]), groups.only(places)

    (first, others), (second, own) = part(~inside), part(inside)
    left = second.left_out(own) - first.left_out(others)
    names = np.unique(whose)
    by_hand = [area(inside & (whose != one)) - area(~inside & (whose != one)) for one in names]
    assert left == pytest.approx(by_hand)
    found = apart(first, second, others, own)
    expected = interval(area(inside) - area(~inside), np.array(by_hand))
    assert found.value == pytest.approx(area(inside) - area(~inside))
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))


def box_case(rng: np.random.Generator) -> BoxCase:
    place = rng.random(4) * 5
    return BoxCase(
        truth=np.array([[0.0, 0, 9, 9]]), truth_labels=np.zeros(1, np.int64),
        boxes=np.array([[place[0], place[1], 9 + place[2], 9 + place[3]]]), labels=np.zeros(1, np.int64),
        scores=rng.random(1),
    )  # fmt: skip


def test_each_kind_can_be_divided_into_cases_with_nothing_left_of_the_others() -> None:
    rng = np.random.default_rng(2)
    truth, folds = np.arange(20) % 2, np.arange(20) // 10
    plain = classes(truth, rng.random(20), folds)
    masks = [[mask_figures(rng.random((6, 6)) > 0.5, rng.random((6, 6)) > 0.5, (1.0, 2.0))] for _ in range(20)]
    boxes = [box_case(rng) for _ in range(20)]
    numbers = rng.random((20, 1))
    places = np.array([1, 4, 5, 11, 16, 18])

    def some(of: list[Any]) -> list[Any]:
        return [of[place] for place in places]

    pairs = (
        (replace(plain, calibrated=plain.scores**2),
         replace(classes(truth[places], plain.scores[places, 0], folds[places]), calibrated=plain.scores[places] ** 2)),
        (MaskOutcome.of(mask_table(masks, [True] * 20, 1), ("x",)),
         MaskOutcome.of(mask_table(some(masks), [True] * 6, 1), ("x",))),
        (BoxOutcome(cases=boxes, thresholds=np.full(20, 0.5), labels=("x",)),
         BoxOutcome(cases=some(boxes), thresholds=np.full(6, 0.5), labels=("x",))),
        (NumberOutcome(truth=numbers, answers=numbers**2, labels=("x",), units=("",)),
         NumberOutcome(truth=numbers[places], answers=numbers[places] ** 2, labels=("x",), units=("",))),
    )  # fmt: skip
    for whole, alone in pairs:
        whole.figures(np.ones((1, 20)))  # what it remembers of all cases must not be the part's
        mine, theirs = whole.of_cases(places).figures(np.ones((1, 6))), alone.figures(np.ones((1, 6)))
        assert mine.keys() == theirs.keys()
        for name in mine:
            assert mine[name] == pytest.approx(theirs[name], nan_ok=True), name


def test_a_group_within_one_fold_is_ranked_by_the_area_within_it() -> None:
    outcome, _, patients, _ = two_sites()
    folds = np.arange(240) // 120
    outcome = replace(outcome, folds=folds)

    document = told_groups({"site": ["A" if one else "B" for one in folds]}, outcome, "auc_fold_mean", patients)

    assert document is not None
    found = document["columns"][0]["groups"]["A"]["figures"]["auc_fold_mean"]["value"]
    truth, scores = outcome.truth[folds == 1, 0], outcome.scores[folds == 1, 0]
    assert found == pytest.approx(sk.roc_auc_score(truth, scores))


def test_who_belongs_to_which_group_is_read_from_the_header(film_of, tmp_path: Path) -> None:
    tags = [
        {"InstitutionName": " North ", "Manufacturer": "Acme", "ManufacturerModelName": "ACME One", "PatientSex": "F",
         "PatientAge": "039Y", "ViewPosition": "PA"},
        {"InstitutionName": "South", "Manufacturer": "Acme", "ManufacturerModelName": "Two", "PatientSex": "M",
         "PatientAge": "040Y", "ViewPosition": "AP"},
        {"InstitutionName": "ward of P2", "PatientSex": "unknown", "PatientAge": "065Y"},
        {"PatientAge": "011M", "PatientSex": "O", "InstitutionName": "<script>x</script>\n2"},
    ]  # fmt: skip
    films = [film_of(number, tags=one, source="here") for number, one in enumerate(tags)]

    assert group_values(films, tmp_path, ()) == {
        "site": ["North", "South", "", "<script>x</script> 2"],  # the third would say who the patient is
        "scanner": ["ACME One", "Acme Two", "", ""],
        "view": ["PA", "AP", "", ""],
        "sex": ["female", "male", "", "other"],
        "age": ["under 40", "40 to 64", "65 and over", "under 40"],
    }
    assert group_values(films, tmp_path, (), ["sex"]).keys() == {"sex"}
    assert group_values(films, tmp_path, (), ["none"]) == {}
    with pytest.raises(BadRequest, match=r"No case says its colour; there are groups by site, scanner, view, sex"):
        group_values(films, tmp_path, (), ["colour"])


def test_ages_by_hand() -> None:
    assert [age_band(years) for years in (-1, 0, 39.99, 40, 64.99, 65, 130, 131, float("nan"))] == [
        "", "under 40", "under 40", "40 to 64", "40 to 64", "65 and over", "65 and over", "", "",
    ]  # fmt: skip
    assert age_between("19800515", "20200514") == 39
    assert age_between("19800515", "20200515") == 40
    assert age_between("20200516", "20200515") == age_between("1980", "20200515") == age_between("", "") == -1
    assert age_between("19801315", "20200515") == -1


def test_without_an_age_the_birth_date_of_the_file_tells_it_and_is_not_kept(film_of, tmp_path: Path) -> None:
    header = pydicom.Dataset()
    header.PatientBirthDate, header.StudyDate = "19500203", "20200101"
    header.SOPClassUID, header.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.1.1", "1.2.3"
    header.file_meta = pydicom.dataset.FileMetaDataset()
    header.file_meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
    header.save_as(tmp_path / "old.dcm", enforce_file_format=True)
    films = [
        replace_path(film_of(0, tags={"StudyDate": "20200101"}), tmp_path / "old.dcm"),
        replace_path(film_of(1, tags={"StudyDate": "20200101"}), tmp_path / "gone.dcm"),
        film_of(2, tags={"PatientAge": "030Y", "StudyDate": "20200101"}),
    ]

    assert group_values(films, tmp_path, ()) == {"age": ["65 and over", "", "under 40"]}


@pytest.mark.parametrize(
    ("years", "opened", "told"),
    [
        ([30.0] * 60, 60, 60),  # each file has a birth date
        ([-1.0] * 60, 50, 0),  # an anonymised set has none anywhere, and opening thousands of files takes minutes
        ([*[-1.0] * 49, 30.0, *[-1.0] * 49, 30.0], 100, 2),  # one that has it begins the count anew
    ],
)
def test_after_fifty_files_in_a_row_without_a_birth_date_no_more_are_opened(
    years: list[float], opened: int, told: int, film_of, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    films = [film_of(number, tags={"StudyDate": "20200101"}) for number in range(len(years))]
    films.append(film_of(len(years), tags={"PatientAge": "070Y"}))
    asked = iter(years)
    monkeypatch.setattr(columns, "_age_in_file", lambda _path: next(asked))

    found = group_values(films, tmp_path, ()).get("age", [])

    assert len(years) - len(list(asked)) == opened
    assert found.count("under 40") == told


def replace_path(film: Any, path: Path) -> Any:
    film.path = path
    return film


def test_groups_of_a_report_are_read_back_and_what_is_none_is_refused() -> None:
    outcome, sites, patients, _ = two_sites()
    document: dict[str, Any] = {"decides": "auc", "notes": [], "tables": [{"of_cases": False}, {"of_cases": True}]}
    add_groups(document, {"site": sites}, outcome, patients)

    found = read_groups(Fields(document, "figures.json"))

    assert found is not None
    assert [one.get("title") for one in document["tables"]] == [None, "By site", None]
    assert document["notes"] == [document["groups"]["sentence"]]
    assert found == document["groups"] | {"columns": found["columns"]}
    mine, theirs = found["columns"][0], document["groups"]["columns"][0]
    assert (mine["worst"], mine["sentence"]) == (theirs["worst"], theirs["sentence"])
    assert mine["groups"]["A"]["figures"] == theirs["groups"]["A"]["figures"]
    assert read_groups(Fields({}, "an older one")) is read_groups(Fields({"groups": None}, "of one group")) is None
    for wrong in ({"groups": []}, {"groups": {"ranked_by": "auc"}}, {"groups": {"columns": [3], "ranked_by": "auc",
                  "compared": 0, "sentence": ""}}):  # fmt: skip
        with pytest.raises(BadFile, match=r"^figures\.json"):
            read_groups(Fields(wrong, "figures.json"))


def test_a_sentence_of_groups_is_read_as_long_as_a_page_and_no_longer() -> None:
    groups = {"ranked_by": "auc", "compared": 0, "columns": []}

    found = read_groups(Fields({"groups": {**groups, "sentence": "x" * 5000}}, "figures.json"))

    assert found is not None and len(found["sentence"]) == 5000
    with pytest.raises(BadFile, match=r"^figures\.json"):
        read_groups(Fields({"groups": {**groups, "sentence": "x" * 5001}}, "figures.json"))


def test_what_readers_say_differently_is_no_group_and_the_shared_reading_goes_first() -> None:
    assert agreed._one({"Ada, first": "North", "Ben, first": "North"}) == "North"
    assert agreed._one({"Ada, first": "North", "Ben, first": "South"}) == ""
    assert agreed._one({"Ada, first": "North", "": "South"}) == "South"
