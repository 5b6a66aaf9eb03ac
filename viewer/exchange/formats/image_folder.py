"""A folder per class: the name of the folder in which a picture lies is its whole-image label.

FOLDER/CLASS/picture, or FOLDER/train/CLASS/picture with any of the usual names for parts. Where pictures lie deeper,
nobody can tell a folder of classes from one of patients: --class-level says which it is.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from viewer.core.errors import BadFile, BadRequest
from viewer.core.text.counting import counted
from viewer.exchange.importer import Becomes, Declared, ImageName, Importer, Item, Outcome, Record, left_out, note
from viewer.exchange.options import Option, Options
from viewer.exchange.set_folder import Found, go_through, is_picture, not_pictures

GROUP = "folder"
PARTS = re.compile(
    r"train(ing)?|val(id(ation)?)?|dev|test(ing)?|eval(uation)?|hold-?out|fold[ _-]?\d+|split[ _-]?\d+", re.IGNORECASE
)
LEVEL = Option(
    name="class-level",
    leads=True,
    title="Classes are the folders",
    help="where pictures lie several folders deep: whether the first folder on the way to a picture is its class, or "
    "the last",
    choices=("first", "last"),
    unsaid="left out where unclear",
)


def _split_parts(files: Sequence[Found]) -> tuple[str, ...]:
    """The folders at the top when all of them are called train, val, test, fold 1, ...; else none."""
    tops = dict.fromkeys(file.place.parts[0] for file in files if len(file.place.parts) > 1)
    deep = any(len(file.place.parts) > 2 for file in files)
    return tuple(tops) if tops and deep and all(PARTS.fullmatch(top) for top in tops) else ()


def _said(names: Sequence[str]) -> str:
    return ", ".join(names[:4]) + (", ..." if len(names) > 4 else "")


def read(path: Path, options: Options) -> Iterator[Item]:
    """One record per picture. Raises BadFile where none is in a class folder, BadRequest when no class is clear."""
    if not path.is_dir():
        raise BadFile(f"{path} is no folder; an image folder has one folder per class.")
    found = go_through(path)
    pictures = [file for file in found.files if is_picture(file.path)]
    taken = {file.path for file in pictures}
    parts = _split_parts(pictures)
    skip = 1 if parts else 0
    classed: list[tuple[Found, str]] = []
    unclear: dict[str, list[Found]] = defaultdict(list)
    loose: list[Found] = []
    level = options.one(LEVEL.name)
    for file in pictures:
        folders = file.place.parts[skip:-1]
        if not folders:
            loose.append(file)
        elif len(folders) == 1 or level:
            classed.append((file, folders[-1] if level == "last" else folders[0]))
        else:
            unclear[folders[0]].append(file)
    if not classed:
        if unclear:
            raise BadRequest(_which_level(path, [file for files in unclear.values() for file in files], skip))
        raise BadFile(f"{path} holds no pictures in class folders.")
    names = sorted({name for _, name in classed})
    between = any(len(file.place.parts) - skip > 2 for file, _ in classed)
    yield Becomes(
        roles={"label of each folder": tuple(names), "part of a split by its folder": parts},
        unused=("the names of the folders on other levels",) if between else (),
    )
    for name in names:
        yield Declared(scope="image", name=name, group=GROUP, exclusive=True)
    for file, name in classed:
        yield Record(
            image=ImageName(path=str(file.path.resolve())),
            where=str(file.place),
            named={GROUP: (name,)},
            part=file.place.parts[0] if parts else "",
        )
    for files in unclear.values():
        sentence = _which_level(path, files, skip)
        yield left_out(
            None,
            f"{counted(len(files), 'picture was', 'pictures were')} left out. {sentence}",
            rule="pictures several folders deep",
            outcome=Outcome.AMBIGUOUS,
            settle=f"--{LEVEL.name} first",
            count=len(files),
        )
    passed_over = [file.path for file in found.files if file.path not in taken] + [file.path for file in loose]
    yield from not_pictures(passed_over, f"in a class folder of {path}")
    yield from found.remarks()
    yield from _notes(path, parts, [name for _, name in classed], found.empty)


def _which_level(path: Path, files: Sequence[Found], skip: int) -> str:
    first = sorted({file.place.parts[skip] for file in files})
    last = sorted({file.place.parts[-2] for file in files})
    return (
        f"Pictures of {path} lie several folders deep ({files[0].place}): say --{LEVEL.name} first ({_said(first)}) or "
        f"--{LEVEL.name} last ({_said(last)})."
    )


def _notes(path: Path, parts: Sequence[str], names: Sequence[str], empty: Sequence[Path]) -> Iterator[Item]:
    if parts:
        sentence = f"{path}: {_said(parts)} were taken for parts of a split, not for classes."
        yield note(sentence, rule="folders of a split")
    by_fold: dict[str, set[str]] = defaultdict(set)
    for name in names:
        by_fold[name.casefold()].add(name)
    for alike in by_fold.values():
        if len(alike) > 1:
            sentence = (
                f"{path}: the classes {' and '.join(sorted(alike))} differ by capital letters only; they stay two."
            )
            yield note(sentence, rule="classes that are nearly alike")
    for folder in empty:
        if folder != path:
            yield note(f"{folder} holds no picture; there is no class of its name.", rule="empty class folders")


IMPORTER = Importer(title="Folder per class", read=read, options=(LEVEL,))
