"""Checklists of publications: every item numbered as its authors have it, none silent, nothing told that is not so."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ml.card import Card, Domain
from ml.catalogue import PreprocessSpec, title_of
from ml.evaluation.checklists import CHECKLISTS, of_data, of_model, of_results
from ml.evaluation.checklists.claim import CLAIM
from ml.evaluation.checklists.item import Checklist, Item, Known
from ml.evaluation.checklists.told import add_checklists, filled, read_checklists, summary
from ml.evaluation.checklists.tripod import TRIPOD_AI
from ml.evaluation.class_outcome import ClassOutcome
from ml.evaluation.page import report_page
from ml.evaluation.report import INTERVALS, MODEL, judged
from ml.evaluation.subgroups.told import told_groups
from viewer.core.checked import Fields
from viewer.core.errors import BadFile
from viewer.core.labels import Verdict
from viewer.project.snapshots.how_said import HOW_SAID

CARD = Card(
    name="m", model="simple_cnn", kind="classification", labels=("sick",), exclusive=False,
    preprocess=PreprocessSpec(size_px=32), domain=Domain(modality=("DX",)), threshold=0.5, metrics={},
    snapshot_id="0123456789abcdef", cam_layer="", task="t", recipe={"seed": 7, "epochs": 3},
)  # fmt: skip
SNAPSHOT = {"images": 60, "patients": 60, "seed": 5, "split": {"method": "ratio", "shares": [0.5, 0.25, 0.25]},
            "left_out": {"case not complete": 4}, "task": {}}  # fmt: skip


def document(patients: int = 60) -> dict[str, Any]:
    truth = np.arange(patients) % 2
    outcome = ClassOutcome(
        truth=truth[:, None].astype(float), scores=np.random.default_rng(0).random((patients, 1)) * 0.6
        + truth[:, None] * 0.4, thresholds=np.full(patients, 0.5), folds=np.zeros(patients, np.int64), labels=("sick",),
        exclusive=False,
    )  # fmt: skip
    names = [f"p{i}" for i in range(patients)]
    return {
        "task": "t", "kind": "classification", "labels": ["sick"], "model": "simple_cnn", "runs": ["r"],
        "model_hashes": ["ab" * 32], "snapshot": "0123456789abcdef", "trained": ["r: started from scratch."],
        "part": "test", "cases": patients, "patients": patients, "folds": 1, "rule": "The answer: sick from 0.5 on.",
        "notes": ["Not calibrated: too few."], "seen": {"mark": "", "sentence": ""}, "interval": INTERVALS,
        "command": ["negatoscope", "evaluate"], "tables": [table.to_json() for table in outcome.tables(names)],
        "curves": [], "controls": [], "leaks": {"counts": {}, "sentences": ["Leak audit: nothing."]},
        "groups": told_groups({"site": ["A" if i % 4 < 2 else "B" for i in range(patients)]}, outcome, "auc", names),
        **judged({MODEL: outcome}, names),
    }  # fmt: skip


def known(film_of, *, tags: dict[str, str] | None = None, **more: Any) -> Known:
    cases = [
        film_of(i, tags=tags or {}, labels={"sick": Verdict.YES if i % 2 else Verdict.NO}, source="here")
        for i in range(60)
    ]
    parts = {"train": cases[:30], "val": cases[30:45], "test": cases[45:]}
    return Known(document=document() | more, cards=[CARD], snapshot_card=SNAPSHOT, parts=parts)


def test_items_are_numbered_as_their_authors_number_them() -> None:
    """CLAIM 2024 has items 1 to 44; TRIPOD+AI (table 2 of its statement) 27 in 52 parts."""
    assert [item.number for item in CLAIM.items] == [str(number) for number in range(1, 45)]
    parted = {
        3: "abc",
        5: "ab",
        6: "abc",
        8: "abc",
        9: "abc",
        12: "abcdefg",
        18: "abcdef",
        20: "abc",
        23: "ab",
        27: "abc",
    }
    assert [item.number for item in TRIPOD_AI.items] == [
        f"{number}{part}" for number in range(1, 28) for part in parted.get(number, "") or [""]
    ]
    assert len(TRIPOD_AI.items) == 52
    for checklist in (CLAIM, TRIPOD_AI):
        assert all(item.asks and item.author and not item.author.endswith(".") for item in checklist.items)


def test_no_item_is_silent_and_all_are_counted(film_of) -> None:
    for of in (known(film_of), replace(known(film_of), snapshot_card={}, parts={})):
        for checklist in (CLAIM, TRIPOD_AI):
            found = filled(checklist, of)
            by = [item["by"] for item in found["items"]]
            assert (found["of"], len(by)) == (len(checklist.items),) * 2
            assert (found["filled"], found["in_part"], found["for_the_author"]) == tuple(
                by.count(who) for who in ("program", "program and author", "author")
            )
            for item in found["items"]:
                assert bool(item["says"]) is (item["by"] != "author")
                assert bool(item["author"]) is (item["by"] != "program")
                assert not item["says"] or item["says"].endswith("."), item


def test_what_the_program_fills_of_claim_grows_with_what_headers_say(film_of) -> None:
    """Scanners and ages are told where headers have them, and are the author's where they have not."""
    plain = filled(CLAIM, known(film_of))
    tags = {"Manufacturer": "Acme", "PatientAge": "050Y", "PatientSex": "F"}
    more = filled(CLAIM, known(film_of, tags=tags))

    asked = {item["number"]: item for item in plain["items"]}
    told = {item["number"]: item for item in more["items"]}
    assert asked["13"]["by"] == asked["36"]["by"] == "author"
    assert told["13"]["says"] == "Scanners: Acme (60)."
    assert told["36"]["says"] == (
        "training: 30 patients, 30 female, median age 50 (50 to 50); validation: 15 patients, 15 female, median age 50 "
        "(50 to 50); test: 15 patients, 15 female, median age 50 (50 to 50)."
    )
    assert more["filled"] == plain["filled"] + 2
    for number in ("3", "4", "15", "16", "34", "41", "42", "44"):
        assert told[number]["author"], "what only a person can know is never said to be filled"
    assert all(told[number]["author"] for number in ("5", "11", "17", "18")), "nobody has told the program"
    assert summary(more) == f"CLAIM 2024: {more['filled']} of 44 filled by the program, 6 in part, 10 for the author"
    assert more["filled"] == 28


def test_what_was_said_in_the_program_itself_is_told_whole_and_what_came_from_a_file_is_not(film_of) -> None:
    """By hand: 60 images of 2020, labelled here by two people in a project of 2026; then 5 of them of a file."""
    said = {
        "images_imported": 0, "people": 2, "images_read_again": 0, "shapes": 0, "accepted": 0, "corrected": 0,
        "images_after_ai": 3, "project_created": "2026-01-02T10:00:00+00:00",
    }  # fmt: skip
    tags = {"StudyDate": "20200131", "PatientIdentityRemoved": "YES", "DeidentificationMethod": "PS3.15"}
    of = replace(known(film_of, tags=tags), snapshot_card={**SNAPSHOT, HOW_SAID: said})

    def by(number: str, known: Known) -> tuple[str, str]:
        item = next(item for item in filled(CLAIM, known)["items"] if item["number"] == number)
        return item["by"], item["says"]

    assert by("5", of) == (
        "program",
        "Retrospective: the images were there before the project was begun, on 2026-01-02. Studies from 2020-01-31 to "
        "2020-01-31, as far as headers have a date.",
    )
    assert by("16", of) == ("program and author", "What was said in the project itself was said by 2 people.")
    assert by("17", of)[0] == by("18", of)[0] == by("11", of)[0] == "program"
    assert "asked was of each image whether it shows sick" in by("17", of)[1] and "of 3 images" in by("17", of)[1]
    assert by("18", of)[1].startswith("Not measured: in the project every case was read once")
    assert by("11", of)[1].endswith("as the headers of 60 of 60 images say, by the method PS3.15 (60).")

    of.cases[7].tags = {**tags, "StudyDate": "20260203", "PatientIdentityRemoved": "NO"}
    assert by("5", of)[0] == by("11", of)[0] == "program and author"
    assert by("5", of)[1].endswith("The project was begun on 2026-01-02; 1 image was made after that.")
    of.cases[7].tags = {**tags, "StudyDate": ""}
    assert by("5", of)[0] == "program and author"
    from_file = replace(of, snapshot_card={**SNAPSHOT, HOW_SAID: {**said, "images_imported": 5}})
    assert by("17", from_file)[0] == by("18", from_file)[0] == "program and author"
    assert by("17", from_file)[1].startswith("Of 5 images an imported file said something")
    several = replace(of, snapshot_card={**SNAPSHOT, HOW_SAID: {**said, "images_read_again": 4}})
    assert by("18", several) == (
        "program and author", "4 images of the snapshot stand in several readings, which were taken together."
    )  # fmt: skip


def test_what_a_person_alone_can_know_is_left_to_the_author_item_by_item(film_of) -> None:
    """By hand: of TRIPOD+AI's 52, who took part and why, its ethics, what it means and what comes next; the program
    tells in part whence the data are, what was read, and where data and code lie."""
    tags = {
        "Manufacturer": "Acme",
        "PatientAge": "050Y",
        "PatientSex": "F",
        "StudyDate": "20200131",
        "InstitutionName": "X",
    }
    of = known(film_of, tags=tags)

    found = {item["number"]: item["by"] for item in filled(TRIPOD_AI, of)["items"]}

    of_the_author = ["3a", "3b", "3c", "6c", "8b", "8c", "17", "18a", "18b", "18c", "18d", "19", "25", "27b", "27c"]
    in_part = ["1", "5a", "6a", "6b", "8a", "18e", "18f", "22"]
    assert [number for number, who in found.items() if who == "author"] == of_the_author
    assert [number for number, who in found.items() if who == "program and author"] == in_part


def test_below_a_hundred_patients_few_is_said(film_of) -> None:
    said = [of_results.limitations(known(film_of, patients=count)) for count in (99, 100)]

    assert ["few patients were judged" in one for one in said] == [True, False]


def test_a_limitation_counts_trainings_and_not_cases(film_of) -> None:
    one = known(film_of)

    assert "one training with one seed was judged" in of_results.limitations(one)
    assert "2 trainings were judged, one a fold" in of_results.limitations(replace(one, cards=[CARD, CARD]))


def test_people_are_counted_once_and_what_is_not_known_is_said(film_of) -> None:
    """By hand: three patients, one with two films of two years; one says no age, one no sex."""
    cases = [
        film_of(0, tags={"PatientAge": "040Y", "PatientSex": "M"}), film_of(1, tags={"PatientAge": "042Y"}),
        film_of(2, tags={"PatientSex": "F"}), film_of(3, tags={"PatientAge": "080Y"}),
    ]  # fmt: skip
    cases[1].patient_id = cases[0].patient_id
    of = replace(known(film_of), parts={"test": cases})

    assert of_data.demographics(of) == (
        "test: 3 patients, 1 female, 1 male, 1 of unknown sex, median age 60 (40 to 80), 1 of unknown age."
    )


def test_where_headers_say_only_ages_or_only_sexes_these_are_told(film_of) -> None:
    def told(tags: dict[str, str]) -> str:
        cases = [film_of(0, tags=tags), film_of(1, tags=tags)]
        return of_data.demographics(replace(known(film_of), parts={"test": cases}))

    assert told({"PatientSex": "F"}) == "test: 2 patients, 2 female."
    assert told({"PatientAge": "040Y"}) == "test: 2 patients, median age 40 (40 to 40)."
    assert told({}) == ""


def test_judged_cases_differ_from_those_that_were_learnt_from_by_patient_alone_or_by_snapshot_too(film_of) -> None:
    own = known(film_of)

    assert of_results.differences(own) == (
        "The judged cases are of the same project and snapshot as those that were learnt from: other patients of it."
    )
    assert of_results.differences(replace(own, cards=[replace(CARD, snapshot_id="an earlier one")])) == (
        "The judged cases are of the same project as those that were learnt from, in another snapshot: other patients "
        "of it."
    )


def test_parts_and_what_was_left_out_are_counted(film_of) -> None:
    of = known(film_of)

    assert of_data.partition(of) == (
        "Divided by patient, by chance (seed 5) in the shares 0.5:0.25:0.25, strata of the labels: training 30 images "
        "of 30 patients, validation 15 images of 15 patients, test 15 images of 15 patients."
    )
    assert of_data.eligibility(of) == (
        "Taken: 60 images of 60 patients, whose case is complete and says something of the task. Left out: case not "
        "complete (4)."
    )
    assert of_data.outcomes(of) == (
        "training 30 images of 30 patients, sick (15); validation 15 images of 15 patients, sick (7); test 15 images "
        "of 15 patients, sick (8)."
    )
    dated = known(film_of, tags={"StudyDate": "20200131"})
    dated.cases[3].tags["StudyDate"] = "20190102"
    assert of_data.dates(known(film_of)) == "" and of_data.sites(known(film_of)) == ""
    assert of_data.dates(known(film_of, tags={"StudyDate": "20200131"})) == (
        "Studies from 2020-01-31 to 2020-01-31, as far as headers have a date."
    )


def test_cases_that_were_seen_are_no_internal_test_and_other_data_are_external(film_of) -> None:
    seen = {"mark": "SEEN IN TRAINING", "sentence": "2 of 60 cases are images that the model was trained on."}
    assert of_results.internal(known(film_of)).endswith("60 patients; of patients that were not learnt from.")
    assert of_results.internal(known(film_of, seen=seen)).endswith(
        "; 2 of 60 cases are images that the model was trained on."
    )
    assert of_results.internal(known(film_of, part="train")) == of_results.differences(known(film_of, seen=seen)) == ""
    assert of_results.external(known(film_of)) == "No data from elsewhere were tested."
    elsewhere = known(film_of, external="the project other")
    assert of_results.internal(elsewhere) == "" and of_results.external(elsewhere).endswith("of the project other.")
    assert of_model.goal(elsewhere).startswith("Test of a model on other data")
    assert "No data from elsewhere" in of_results.limitations(known(film_of))
    assert "few patients were judged (60)." in of_results.limitations(known(film_of))


def test_what_kind_of_program_it_is_names_the_kind_of_image_where_that_is_known(film_of) -> None:
    of = known(film_of)
    name = title_of("simple_cnn")

    assert of_model.technology(of) == f"Deep learning: the network {name}, for classification (sick) on DX."
    of = replace(of, cards=[replace(CARD, domain=Domain(modality=()))])
    assert of_model.technology(of) == f"Deep learning: the network {name}, for classification (sick)."


def test_a_start_from_another_model_is_transfer_learning(film_of) -> None:
    of = known(film_of)
    assert of_model.start(of) == "Random weights, by the seed 7: no transfer learning."
    other = replace(of, cards=[replace(CARD, init="imagenet", recipe={"freeze_epochs": 1})])
    assert of_model.start(other) == "Transfer learning, from imagenet, the first 1 epoch with the head alone."
    for recipe in ({}, {"freeze_epochs": 0}):
        whole = replace(of, cards=[replace(CARD, init="imagenet", recipe=recipe)])
        assert of_model.start(whole) == "Transfer learning, from imagenet."


def test_checklists_stand_on_the_page_as_text_and_are_read_back(film_of, tmp_path: Path) -> None:
    of = known(film_of, labels=["<script>alert(1)</script>"])
    written = dict(of.document)
    add_checklists(written, of.cards, of.snapshot_card, of.parts, {})

    page = report_page(written)

    assert set(CHECKLISTS) <= set(written) and summary(written["claim"]) in page and "TRIPOD+AI: " in page
    assert "<script" not in page and "&lt;script&gt;alert(1)" in page
    assert "For the author: who paid, and what they had a say in." in page
    found = read_checklists(Fields(written, "figures.json"))
    assert found == {name: written[name] for name in CHECKLISTS}
    assert read_checklists(Fields({}, "older")) == dict.fromkeys(CHECKLISTS)
    first = written["claim"]["items"][0]
    claim = written["claim"]
    for wrong in (
        [], {"items": 3}, {**claim, "filled": -1}, {**claim, "items": [{}]}, {**claim, "items": [3]},
        {**claim, "items": [{**first, "by": "nobody"}]},
    ):  # fmt: skip
        with pytest.raises(BadFile, match=r"^figures\.json"):
            read_checklists(Fields({"claim": wrong}, "figures.json"))


def test_what_an_item_says_is_read_as_long_as_a_paper_and_no_longer(film_of) -> None:
    claim = filled(CLAIM, known(film_of))

    def read(letters: int) -> Any:
        items = [{**claim["items"][0], "says": "x" * letters}]
        return read_checklists(Fields({"claim": {**claim, "items": items}}, "figures.json"))["claim"]

    assert len(read(20_000)["items"][0]["says"]) == 20_000
    with pytest.raises(BadFile, match=r"^figures\.json"):
        read(20_001)


def test_an_item_is_filled_in_part_or_the_author_s_by_what_is_told(film_of) -> None:
    told = Checklist(
        name="x", source="y",
        items=(
            Item(number="1", asks="a", author="b", says=lambda _known: "c.", whole=True),
            Item(number="2", asks="a", author="b", says=lambda _known: "c."),
            Item(number="3", asks="a", author="b", says=lambda _known: "", whole=True),
            Item(number="4", asks="a", author="b"),
        ),
    )  # fmt: skip

    found = filled(told, known(film_of))

    assert [item["by"] for item in found["items"]] == ["program", "program and author", "author", "author"]
    assert summary(found) == "x: 1 of 4 filled by the program, 1 in part, 2 for the author"
