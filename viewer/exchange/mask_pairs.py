"""Which mask picture belongs to which image: by its place below `masks`, never by a name alone that two images have.

A mask of images/SERIES/001.png lies in masks/SERIES/001.*, or a folder of its label deeper, at the top or at the end
(masks/lung/SERIES/001.png, masks/SERIES/lung/001.png). PICTURE_mask.png and the like is the mask of PICTURE.
"""

import filecmp
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from viewer.exchange.importer import ImageName, Item, Outcome, guessed, left_out, note
from viewer.exchange.set_folder import Found

DEFAULT_LABEL = "mask"
MASK_ENDING = re.compile(r"[ ._-]+(mask|seg|segmentation|label|labels|labelmap|gt)$", re.IGNORECASE)


@dataclass(slots=True, kw_only=True)
class Pairs:
    """Masks by picture and label, and what is to be said of the others."""

    masks: dict[Path, dict[str, list[Path]]] = field(default_factory=lambda: defaultdict(dict))
    remarks: list[Item] = field(default_factory=list)
    labels: dict[str, None] = field(default_factory=dict)
    by_ending: list[Path] = field(default_factory=list)
    by_name: list[Path] = field(default_factory=list)
    by_letters: list[Path] = field(default_factory=list)
    orphans: int = 0


@dataclass(slots=True, kw_only=True)
class _Pictures:
    """Pictures by their place without the ending, by the same without capitals, and by their stem alone."""

    exact: dict[str, list[Found]] = field(default_factory=lambda: defaultdict(list))
    folded: dict[str, list[Found]] = field(default_factory=lambda: defaultdict(list))
    stems: dict[str, list[Found]] = field(default_factory=lambda: defaultdict(list))


def by_names(pictures: Sequence[Found]) -> Callable[[PurePosixPath], list[Found]]:
    """The pictures that something below `masks` belongs to by its name, whatever it is: a file, a folder, a link."""
    known = _known(pictures)

    def find(place: PurePosixPath) -> list[Found]:
        first = place.name.partition(".")[0]
        stems = dict.fromkeys((place.stem, MASK_ENDING.sub("", place.stem), first, MASK_ENDING.sub("", first)))
        at_place = Found(path=Path(), place=place)
        found = {one.path: one for stem in stems if stem for one, _ in _candidates(at_place, stem, known)}
        depth = len(place.parts)
        return list(found.values()) or [one for one in pictures if one.place.parts[:depth] == place.parts]

    return find


def _known(pictures: Sequence[Found]) -> _Pictures:
    known = _Pictures()
    for picture in pictures:
        key = _key(picture.place.parts[:-1], picture.place.stem)
        known.exact[key].append(picture)
        known.folded[key.casefold()].append(picture)
        known.stems[picture.place.stem].append(picture)
    return known


def pair(pictures: Sequence[Found], masks: Sequence[Found]) -> Pairs:
    """Find the picture of every mask; a mask with two possible pictures, or none, is left out by name."""
    known = _known(pictures)
    pairs = Pairs()
    for mask in masks:
        _place(pairs, mask, known)
    _drop_doubles(pairs)
    pairs.remarks += list(_told(pairs))
    return pairs


def _key(folders: Sequence[str], stem: str) -> str:
    return PurePosixPath(*folders, stem).as_posix()


def _candidates(mask: Found, stem: str, known: _Pictures) -> list[tuple[Found, str]]:
    """(picture, label) by each of the layouts; a spelling without capitals only where none has the capitals."""
    folders = mask.place.parts[:-1]
    layouts = [(folders, DEFAULT_LABEL)]
    if folders:
        layouts += [(folders[1:], folders[0]), (folders[:-1], folders[-1])]
    keys = [(_key(places, stem), label) for places, label in layouts]
    exact = {(picture.path, label): picture for key, label in keys for picture in known.exact.get(key, ())}
    folded = {(one.path, label): one for key, label in keys for one in known.folded.get(key.casefold(), ())}
    return [(picture, label) for (_, label), picture in (exact or folded).items()]


def _place(pairs: Pairs, mask: Found, known: _Pictures) -> None:
    stem = mask.place.stem
    found = _candidates(mask, stem, known)
    wanted = stem
    if not found and (shorter := MASK_ENDING.sub("", stem)) != stem and shorter:
        found = _candidates(mask, shorter, known)
        wanted = shorter
        if found:
            pairs.by_ending.append(mask.path)
    alone = known.stems.get(stem, [])
    if not found and len(mask.place.parts) == 1 and len(alone) == 1:
        found = [(alone[0], DEFAULT_LABEL)]
        pairs.by_name.append(mask.path)
    pictures = list({picture.path: picture for picture, _ in found}.values())
    if not pictures:
        elsewhere = f"; {alone[0].place} has its name and lies elsewhere" if alone else ""
        sentence = f"{mask.path} has no picture of its name at the same place below the images{elsewhere}."
        may_be_of = tuple(ImageName(path=str(picture.path.resolve())) for picture in alone)
        pairs.remarks.append(left_out(None, sentence, rule="masks without a picture", also=may_be_of))
        pairs.orphans += 1
    elif len(pictures) > 1 or len(found) > 1:
        names = " or ".join(str(picture.place) for picture in pictures)
        what = f"may be the mask of {names}" if len(pictures) > 1 else "may be of two labels"
        images = [ImageName(path=str(picture.path.resolve())) for picture in pictures]
        sentence = f"{mask.path} {what}; it was left out."
        pairs.remarks.append(
            left_out(
                images[0],
                sentence,
                rule="masks that may be of several pictures",
                outcome=Outcome.AMBIGUOUS,
                also=tuple(images[1:]),
            )
        )
    else:
        picture, label = found[0]
        is_spelt_alike = picture.place.stem == wanted and set(picture.place.parts[:-1]) <= set(mask.place.parts[:-1])
        if not is_spelt_alike and mask.path not in pairs.by_name:
            pairs.by_letters.append(mask.path)
        pairs.masks[picture.path].setdefault(label, []).append(mask.path)
        if label != DEFAULT_LABEL:
            pairs.labels[label] = None


def _drop_doubles(pairs: Pairs) -> None:
    """Two files for one picture and label that differ are both left out: nobody knows which holds."""
    for picture, by_label in pairs.masks.items():
        for label, files in list(by_label.items()):
            if len(files) > 1 and not all(filecmp.cmp(files[0], file, shallow=False) for file in files[1:]):
                del by_label[label]
                names = " and ".join(str(file) for file in files)
                sentence = f"{names} differ, and both are the mask {label!r} of {picture}; they were left out."
                pairs.remarks.append(
                    left_out(
                        ImageName(path=str(picture.resolve())),
                        sentence,
                        rule="two masks of one picture that differ",
                        outcome=Outcome.CONTRADICTORY,
                        count=len(files),
                    )
                )


def _told(pairs: Pairs) -> Iterator[Item]:
    if pairs.by_ending:
        sentence = f"{pairs.by_ending[0]} was taken for the mask of the picture that its name without the ending names."
        yield guessed(sentence, rule="masks with an ending to their name", count=len(pairs.by_ending))
    if pairs.by_letters:
        sentence = f"{pairs.by_letters[0]} was taken for the mask of the picture of its name in other capitals."
        yield guessed(sentence, rule="masks found in other capitals", count=len(pairs.by_letters))
    if pairs.by_name:
        sentence = f"{pairs.by_name[0]} was taken for the mask of the only picture of its name, in another folder."
        yield guessed(sentence, rule="masks found by their name alone", count=len(pairs.by_name))
    if pairs.labels:
        names = ", ".join(pairs.labels)
        yield note(f"The folders of the masks were taken for labels: {names}.", rule="folders of masks are labels")
