"""Dividing patients: nobody on both sides, shares kept, the seed the only chance. Expected values by hand."""

import random
from collections import Counter
from dataclasses import fields
from pathlib import Path

import pytest

from viewer.core.errors import BadFile, BadRequest, NotFound, PatientInTwoParts
from viewer.project.snapshots.snapshot import Snapshot
from viewer.project.snapshots.split import NamedSplit, SplitFile, assign, read_split


def patients(**labels: str) -> dict[str, list[tuple[str, ...]]]:
    """name to the label of each of its images, one letter an image."""
    return {name: [(letter,) for letter in said] for name, said in labels.items()}


def table(folder: Path, text: str) -> SplitFile:
    path = folder / "split.csv"
    path.write_text(text, encoding="utf-8")
    return SplitFile(path=path)


def by_path(**cells: str) -> NamedSplit:
    paths = {Path(f"/films/{name}.png"): cell for name, cell in cells.items()}
    return NamedSplit(by_path=paths, by_image={}, by_patient={}, folds=None)


@pytest.mark.parametrize("value", [SplitFile, NamedSplit, Snapshot])
def test_what_a_split_says_is_frozen_slotted_and_made_by_name(value: type) -> None:
    assert value.__dataclass_params__.frozen  # type: ignore[attr-defined]
    assert "__slots__" in vars(value) and all(field.kw_only for field in fields(value))


def test_every_patient_is_in_one_part_and_shares_are_kept_for_every_label() -> None:
    people = patients(**{f"a{n}": "AA" for n in range(10)}, **{f"b{n}": "B" for n in range(20)})

    parts = assign(people, (0.5, 0.5), seed=1)

    assert set(parts) == set(people)
    said = [
        Counter(letter for name, part in parts.items() if part == one for (letter,) in people[name]) for one in (0, 1)
    ]
    assert said == [{"A": 10, "B": 10}, {"A": 10, "B": 10}]


def test_shares_are_relative_to_their_sum() -> None:
    people = patients(**{f"p{n}": "A" for n in range(20)})

    assert Counter(assign(people, (3, 1), seed=1).values()) == {0: 15, 1: 5}
    assert assign(people, (3, 1), seed=1) == assign(people, (0.75, 0.25), seed=1)


def test_the_seed_decides_and_nothing_else() -> None:
    people = patients(**{f"p{n}": "AB"[n % 2] for n in range(40)})
    turned = dict(reversed(people.items()))

    assert assign(people, (0.7, 0.3), seed=1) == assign(turned, (0.7, 0.3), seed=1)
    assert assign(people, (0.7, 0.3), seed=1) != assign(people, (0.7, 0.3), seed=2)


def test_a_part_of_no_share_gets_nobody() -> None:
    assert set(assign(patients(a="A", b="B", c="A"), (1.0, 0.0, 0.0), seed=1).values()) == {0}


def test_with_as_many_patients_as_parts_none_is_empty() -> None:
    people = patients(a="AAAAAAAA", b="A", c="A")

    assert sorted(assign(people, (0.7, 0.15, 0.15), seed=1).values()) == [0, 1, 2]


def test_fixed_patients_stay_and_are_never_moved_into_an_empty_part() -> None:
    people = patients(a="A", b="A", c="A")

    assert assign(people, (0.5, 0.25, 0.25), seed=1, fixed={"a": 2, "b": 2, "c": 2}) == {"a": 2, "b": 2, "c": 2}
    parts = assign(patients(a="A", b="A", c="A", d="A"), (0.5, 0.5), seed=1, fixed={"a": 1, "b": 1})
    assert parts["a"] == parts["b"] == 1 and parts["c"] == parts["d"] == 0


def test_fixed_patients_count_towards_the_share_of_their_part() -> None:
    people = patients(**{f"p{n}": "A" for n in range(10)})

    parts = assign(people, (0.5, 0.5), seed=1, fixed={f"p{n}": 1 for n in range(5)})

    assert {name for name, part in parts.items() if part == 0} == {f"p{n}" for n in range(5, 10)}


def test_one_picture_under_two_names_that_a_table_puts_apart_is_refused() -> None:
    named = by_path(a="train", b="test")

    with pytest.raises(PatientInTwoParts, match=r"a\.png of patient P1 lies under 2 names.* test and train"):
        named.cell(image_id="i", paths=[Path("/films/a.png"), Path("/films/b.png")], patient_id="P1")
    with pytest.raises(PatientInTwoParts, match=r"patient \(none\)"):
        named.cell(image_id="i", paths=[Path("/films/a.png"), Path("/films/b.png")], patient_id="")


def test_one_picture_under_two_names_of_one_part_is_in_that_part() -> None:
    named = by_path(a="train", b="train")

    assert named.cell(image_id="i", paths=[Path("/films/a.png"), Path("/films/b.png")], patient_id="P") == "train"
    assert named.cell(image_id="i", paths=[Path("/films/a.png"), Path("/films/z.png")], patient_id="P") == "train"
    assert named.cell(image_id="i", paths=[Path("/films/z.png")], patient_id="P") == ""


def test_a_table_that_names_one_image_twice_and_apart_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PatientInTwoParts, match=r"puts a\.png into train and test"):
        read_split(table(tmp_path, "path,part\na.png,train\na.png,test\n"))
    with pytest.raises(PatientInTwoParts, match="puts P1 into train and none"):
        read_split(table(tmp_path, "patient_id,part\nP1,train\nP1,\n"))
    assert read_split(table(tmp_path, "path,part\na.png,train\na.png,train\n")).by_path == {tmp_path / "a.png": "train"}


def test_folds_are_in_the_order_of_their_numbers_and_words_come_after(tmp_path: Path) -> None:
    rows = "".join(f"p{n}.png,{fold}\n" for n, fold in enumerate(("10", "2", "extra", "1", "0.5")))

    assert read_split(table(tmp_path, "path,fold\n" + rows)).folds == ("0.5", "1", "2", "10", "extra")


def test_parts_are_known_by_their_usual_words(tmp_path: Path) -> None:
    text = "image_id;split\na;Training\nb;VALID\nc;validation\nd;test\ne;\n"

    named = read_split(table(tmp_path, text))

    assert named.by_image == {"a": "train", "b": "val", "c": "val", "d": "test", "e": ""}
    assert named.folds is None and named.by_path == {} and named.by_patient == {}
    assert named.cell(image_id="b", paths=[], patient_id="") == "val"
    assert named.cell(image_id="zz", paths=[], patient_id="") == ""


def test_images_go_before_patients_as_names_of_rows(tmp_path: Path) -> None:
    named = read_split(table(tmp_path, "patient_id,path,part\nP1,a.png,train\nP1,b.png,train\n"))

    assert set(named.by_path) == {tmp_path / "a.png", tmp_path / "b.png"} and named.by_patient == {}
    only = read_split(table(tmp_path, "patient_id\tpart\nP1\ttrain\n"))
    assert only.cell(image_id="", paths=[], patient_id="P1") == "train"
    assert only.cell(image_id="", paths=[], patient_id="P2") == ""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("path,label\na.png,x\n", "no column part, split or fold; it has path, label"),
        ("name,part\na.png,train\n", "names neither images"),
        ("path,part\na.png,train\nb.png,fold1\n", "names neither parts .* nor folds"),
        ("path,part\na.png,\n", "names neither parts .* nor folds"),
    ],
)
def test_a_table_that_says_no_split_is_refused_with_what_it_has(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(BadRequest, match=said):
        read_split(table(tmp_path, text))


def test_a_table_that_is_not_there_or_no_text_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"gone\.csv is not there"):
        read_split(SplitFile(path=tmp_path / "gone.csv"))
    (tmp_path / "split.csv").write_bytes(b"path,part\n\xff\xfe\n")
    with pytest.raises(BadFile, match=r"split\.csv"):
        read_split(SplitFile(path=tmp_path / "split.csv"))


@pytest.mark.parametrize("seed", range(4))
def test_a_part_that_nobody_came_to_gets_one_from_the_fullest(seed: int) -> None:
    # Five alike to 0.5, 0.4 and 0.1 fall to 3, 2 and 0 where each takes the part that is furthest from its share.
    five = patients(**{f"p{n}": "A" for n in range(5)})
    assert Counter(assign(five, (0.5, 0.4, 0.1), seed=seed).values()) == {0: 2, 1: 2, 2: 1}

    three = patients(a="A", b="A", c="A")
    assert sorted(assign(three, (0.9, 0.05, 0.05), seed=seed).values()) == [0, 1, 2]
    assert sorted(assign(three, (0.95, 0.05, 0.0), seed=seed).values()) == [0, 0, 1], "no part without a share"
    assert sorted(assign(patients(a="A", b="A"), (0.9, 0.05, 0.05), seed=seed).values()) == [0, 1]
    assert set(assign(patients(a="A"), (0.9, 0.05, 0.05), seed=seed).values()) == {0}


def test_who_is_moved_into_an_empty_part_is_up_to_the_seed_and_never_who_is_fixed() -> None:
    three = patients(a="A", b="A", c="A")

    moved = {name for seed in range(12) for name, part in assign(three, (0.95, 0.05), seed=seed).items() if part == 1}
    assert moved == {"a", "b", "c"}
    for seed in range(6):
        assert assign(three, (0.95, 0.05), seed=seed, fixed={"a": 0, "b": 0}) == {"a": 0, "b": 0, "c": 1}


@pytest.mark.parametrize("seed", range(8))
def test_who_brings_most_comes_first(seed: int) -> None:
    people = patients(big="AAAA", a="A", b="A", c="A", d="A")

    parts = assign(people, (0.5, 0.5), seed=seed)

    assert [part for name, part in parts.items() if name != "big"] == [1 - parts["big"]] * 4


@pytest.mark.parametrize("seed", range(8))
def test_a_rare_label_is_on_both_sides(seed: int) -> None:
    people = patients(**{f"a{n}": "A" for n in range(10)}, x="B", y="B")

    parts = assign(people, (0.5, 0.5), seed=seed)

    assert parts["x"] != parts["y"] and Counter(parts.values()) == {0: 6, 1: 6}


def test_an_image_of_several_labels_counts_once_for_each() -> None:
    both = {name: [("A", "B", "A")] for name in "abcd"}

    assert Counter(assign(both, (0.5, 0.5), seed=3).values()) == {0: 2, 1: 2}


def test_a_column_may_be_named_and_rows_without_a_name_are_passed_over(tmp_path: Path) -> None:
    path = table(tmp_path, "image_id,part,mine\na,train,test\n,train,val\n b , train , val \n").path

    assert read_split(SplitFile(path=path, column="mine")).by_image == {"a": "test", "b": "val"}
    assert read_split(SplitFile(path=path)).by_image == {"a": "train", "b": "train"}
    with pytest.raises(BadRequest, match="no column yours; it has image_id, part, mine"):
        read_split(SplitFile(path=path, column="yours"))


@pytest.mark.parametrize("column", ["path", "file_name", "image"])
def test_paths_are_taken_from_the_table_s_folder(tmp_path: Path, column: str) -> None:
    (tmp_path / "films").mkdir()

    named = read_split(table(tmp_path / "films", f"{column},fold\n../a.png,1\nb.png,2\n"))

    assert named.by_path == {tmp_path / "a.png": "1", tmp_path / "films" / "b.png": "2"}
    assert named.folds == ("1", "2") and named.by_image == {}


@pytest.mark.parametrize("order", ["part,split,fold", "fold,split,part"])
def test_of_several_columns_that_may_be_meant_part_goes_first_and_fold_last(tmp_path: Path, order: str) -> None:
    cells = {"part": "train", "split": "val", "fold": "7"}
    row = ",".join(cells[name] for name in order.split(","))

    assert read_split(table(tmp_path, f"image_id,{order}\na,{row}\n")).by_image == {"a": "train"}
    without = order.replace("part,", "").replace(",part", "")
    row = ",".join(cells[name] for name in without.split(","))
    assert read_split(table(tmp_path, f"image_id,{without}\na,{row}\n")).by_image == {"a": "val"}


@pytest.mark.parametrize("seed", range(40))
def test_one_more_patient_goes_where_the_parts_come_nearest_to_their_shares(seed: int) -> None:
    chance = random.Random(seed)
    people = {f"p{n}": [(chance.choice("AB"),) for _ in range(chance.randint(1, 4))] for n in range(9)}
    shares = (0.6, 0.25, 0.15)
    fixed = {f"p{n}": n % 3 for n in range(8)}

    parts = assign(people, shares, seed=seed, fixed=fixed)

    # By the definition: squared distances of what each part has from its share, relative to it, over images and labels.
    def distance(part: int) -> float:
        total = 0.0
        for said in ("", "A", "B"):
            weights = {name: sum(said in ("", label) for (label,) in images) for name, images in people.items()}
            for one, share in enumerate(shares):
                has = sum(weights[name] for name, where in {**fixed, "p8": part}.items() if where == one)
                total += (has / sum(weights.values()) - share) ** 2 / share if sum(weights.values()) else 0.0
        return total

    assert distance(parts["p8"]) == pytest.approx(min(map(distance, range(3))))


def test_where_two_parts_would_do_as_well_the_patient_goes_to_the_larger_one() -> None:
    # Of four alike, with two of 2.5 wanted in one part and one of 1.5 in the other: (2*2 + 1) / 5 = (2*1 + 1) / 3.
    four = patients(a="A", b="A", c="A", d="A")

    assert assign(four, (5, 3), seed=1, fixed={"a": 0, "b": 0, "c": 1})["d"] == 0
    assert assign(four, (3, 5), seed=1, fixed={"a": 1, "b": 1, "c": 0})["d"] == 1
