"""The frames beside an image: neighbours by the order along the normal, other series by the place in the patient."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from viewer.core.errors import Ambiguous, BadRequest, LacksFrames
from viewer.core.samples import SampleRule
from viewer.project.samples.finding import SampleFinder
from viewer.project.samples.stacks import Slice, Stack
from viewer.reading.series import FrameRef

AXIAL = r"1\0\0\0\1\0"
FROM_ABOVE = r"1\0\0\0\-1\0"  # its normal is that of AXIAL turned round


def stack(
    name: str,
    places_mm: Sequence[float],
    *,
    modality: str = "MR",
    description: str = "",
    study: str = "s",
    cosines: str = AXIAL,
    frame: str = "1.2.9",
    uid: str = "",
) -> Stack:
    """A series whose slices lie at these places along its own normal. Files are NAME/0, NAME/1 ... in this order."""
    refs = [FrameRef(path=Path(name) / str(at), along_normal_mm=mm) for at, mm in enumerate(places_mm)]
    tags = {"ImageOrientationPatient": cosines, "ImagePositionPatient": r"0\0\0", "FrameOfReferenceUID": frame}
    slices = tuple(Slice(ref=ref) for ref in sorted(refs, key=lambda ref: ref.along_normal_mm or 0.0))
    return Stack(
        series_id=name, study=study, modality=modality, description=description or name, slices=slices, tags=tags,
        series_uid=uid or f"1.2.{len(name)}",
    )  # fmt: skip


def found(rule: SampleRule, path: str, *stacks: Stack) -> list[str]:
    sample = SampleFinder(lambda: stacks).find(rule, FrameRef(path=Path(path)))
    return [str(frame.slice.ref.path) for frame in sample.frames]


def lacks(rule: SampleRule, path: str, *stacks: Stack) -> str:
    with pytest.raises(LacksFrames) as refused:
        found(rule, path, *stacks)
    return str(refused.value)


def beside(*words: str, context: int = 0) -> SampleRule:
    return SampleRule(context=context, series=words)


def test_neighbours_are_those_along_the_normal_whatever_order_the_files_have() -> None:
    assert found(SampleRule(context=1), "a/0", stack("a", [8, 0, 4, 12])) == ["a/2", "a/0", "a/3"]


def test_beyond_an_end_the_last_slice_is_repeated_and_counted() -> None:
    finder = SampleFinder(lambda: [stack("a", [0, 4, 8, 12])])

    first = finder.find(SampleRule(context=2), FrameRef(path=Path("a/0")))
    middle = finder.find(SampleRule(context=1), FrameRef(path=Path("a/1")))
    last = finder.find(SampleRule(context=2), FrameRef(path=Path("a/3")))

    assert [frame.slice.ref.path.name for frame in first.frames] == ["0", "0", "0", "1", "2"]
    assert [frame.slice.ref.path.name for frame in last.frames] == ["1", "2", "3", "3", "3"]
    assert (first.repeated, middle.repeated, last.repeated) == (2, 0, 2)


def test_the_slice_of_another_series_is_the_nearest_within_half_its_spacing() -> None:
    ours, theirs = stack("ct", [0, 1, 2, 3, 4, 5, 6, 7]), stack("pet", [0, 4])

    for at, nearest in ((0, "pet/0"), (1, "pet/0"), (3, "pet/1"), (6, "pet/1")):
        assert found(beside("pet"), f"ct/{at}", ours, theirs)[1] == nearest
    assert lacks(beside("pet"), "ct/7", ours, theirs) == "has no slice of the series “pet” at its place"


def test_a_gap_in_another_series_is_not_bridged() -> None:
    ours, theirs = stack("ct", [0, 4, 8, 12, 16]), stack("pet", [0, 4, 12, 16])

    assert "at its place" in lacks(beside("pet"), "ct/2", ours, theirs)


def test_neighbours_of_another_series_lie_at_the_places_of_the_image_s_own() -> None:
    ours, theirs = stack("ct", [0, 8, 16]), stack("pet", [0, 2, 4, 6, 8, 10, 12, 14, 16])

    assert found(beside("pet", context=1), "ct/1", ours, theirs)[3:] == ["pet/0", "pet/4", "pet/8"]


def test_where_another_series_ends_before_its_last_slice_on_the_way_out_is_repeated() -> None:
    ours, theirs = stack("ct", [0, 4, 8, 12, 16]), stack("pet", [4, 8, 12])
    sample = SampleFinder(lambda: [ours, theirs]).find(beside("pet", context=2), FrameRef(path=Path("ct/2")))

    assert [frame.slice.ref.path.name for frame in sample.frames[5:]] == ["0", "0", "1", "2", "2"]
    assert sample.repeated == 2


def test_a_series_that_counts_its_slices_the_other_way_lies_at_the_same_places() -> None:
    ours, theirs = stack("ct", [0, 4, 8]), stack("pet", [-8, -4, 0], cosines=FROM_ABOVE)

    assert found(beside("pet"), "ct/2", ours, theirs) == ["ct/2", "pet/0"]


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"frame": "1.2.8"}, "has another frame of reference than the series “pet”"),
        ({"cosines": r"1\0\0\0\0\-1"}, "lies in another orientation than the series “pet”"),
        ({"study": "another"}, "has no series “pet” in its study"),
    ],
)
def test_another_place_or_study_is_refused_by_name(changed: dict[str, str], sentence: str) -> None:
    assert lacks(beside("pet"), "ct/1", stack("ct", [0, 4, 8]), stack("pet", [0, 4, 8], **changed)) == sentence


def test_images_of_no_study_have_no_other_series() -> None:
    stacks = stack("ct", [0, 4], study=""), stack("pet", [0, 4], study="")

    assert "has no series “pet”" in lacks(beside("pet"), "ct/1", *stacks)


def test_two_slices_at_one_place_have_no_order() -> None:
    twice = stack("a", [0, 4, 4, 8])

    assert "at the very same place" in lacks(SampleRule(context=1), "a/1", twice)
    assert "several slices of the series “a” at one place" in lacks(beside("a"), "b/1", stack("b", [0, 4, 8]), twice)


def test_an_image_alone_or_of_no_place_has_no_neighbours() -> None:
    nowhere = Slice(ref=FrameRef(path=Path("x/0")))
    flat = Stack(series_id="x", study="s", modality="US", description="", slices=(), nowhere=(nowhere,))

    assert "is the only slice of its series" in lacks(SampleRule(context=1), "a/0", stack("a", [0]))
    assert "says no place in the patient" in lacks(SampleRule(context=1), "x/0", flat)
    assert "stands in no series" in lacks(SampleRule(context=1), "y/0", flat)


def test_words_name_a_series_by_uid_modality_or_description_before_what_the_description_holds() -> None:
    t1, t1_late = stack("a", [0, 4], description="T1"), stack("b", [0, 4], description="T1 late", uid="1.2.33")
    ours = stack("c", [0, 4], description="T2", modality="MR")
    pet = stack("d", [0, 4], modality="PT", description="WB corrected")

    for words, chosen in (("t1", "a"), ("late t1", "b"), ("1.2.33", "b"), ("PT", "d"), ("corrected", "d"), ("b", "b")):
        assert found(beside(words), "c/0", t1, t1_late, ours, pet)[1] == f"{chosen}/0"


def test_words_that_may_be_several_series_are_refused_with_their_names() -> None:
    ours, corrected, plain = stack("c", [0, 4]), *(stack(n, [0, 4], modality="PT") for n in ("corrected", "plain"))

    with pytest.raises(Ambiguous, match=r"“PT” may be “corrected .*” or “plain .*”; name the series by"):
        found(beside("PT"), "c/0", ours, corrected, plain)
    with pytest.raises(Ambiguous):  # the series of the image itself is one that they may mean
        found(beside("MR"), "c/0", ours, stack("e", [0, 4]))


def test_an_image_of_the_series_that_stands_beside_others_is_no_sample() -> None:
    assert lacks(beside("b"), "b/0", stack("a", [0, 4]), stack("b", [0, 4])) == "is of the series “b” itself"


@pytest.mark.parametrize("values", [{"context": -1}, {"context": 17}, {"series": ("a", "A")}, {"series": (" ",)},
                                    {"context": 16, "series": ("a",)}])  # fmt: skip
def test_a_rule_that_no_sample_can_have_is_refused(values: dict[str, object]) -> None:
    with pytest.raises(BadRequest):
        SampleRule(**values)  # type: ignore[arg-type]


def test_a_rule_in_words() -> None:
    assert SampleRule(context=1, series=("PET",)).words(["CT"]) == "3 neighbouring slices of CT and PET: 6 channels"
    assert SampleRule(context=2).words(["CT"]) == "5 neighbouring slices of CT: 5 channels"
    assert beside("T2", "FLAIR").words(["MR"]) == "the slices at one place of MR, T2 and FLAIR: 3 channels"
    assert SampleRule().words(["CT"]) == "one image"
