"""Mask pictures as regions of an image, with what must be said of them; and regions as mask pictures.

Options of every import that reads mask pictures: `MASK_OPTIONS`.
"""

from dataclasses import replace
from io import BytesIO
from pathlib import Path

from viewer.core.errors import AppError
from viewer.core.shapes.kinds.mask import MaskRuns
from viewer.exchange.importer import ImageName, ImportedShape, Outcome, Remark
from viewer.exchange.mask_file import page_count, read_values
from viewer.exchange.mask_meaning import MaskChoice, choice_of, meaning_of
from viewer.exchange.options import Option, Options
from viewer.exchange.turning import turned

MASK = Option(
    name="mask",
    leads=True,
    title="Values of a mask",
    help="what several values in one mask picture are: one region, a class each (label and value become the label), "
    "or an instance each",
    choices=("one", "classes", "instances"),
    unsaid="left out where unclear",
)
MASK_VALUE = Option(
    name="mask-value",
    title="Mask value",
    help="the value that is inside, e.g. 255, or 0 in an inverted mask, or a colour (#ff0000); several may be "
    "given, each with a label of its own: 1=lung",
    several=True,
    metavar="N[=LABEL]",
)
MASK_THRESHOLD = Option(
    name="mask-threshold",
    title="Mask threshold",
    help="values from this one on are inside (soft edges, JPEG masks, probability maps)",
    metavar="T",
)
MASK_OPTIONS = (MASK, MASK_VALUE, MASK_THRESHOLD)
MASK_OPTIONS_BESIDE = (replace(MASK, leads=False), MASK_VALUE, MASK_THRESHOLD)  # where most imports have no mask


def mask_choice(options: Options) -> MaskChoice:
    """What a person said masks mean. Raises BadRequest for what does not go together."""
    return choice_of(options.one(MASK.name), options.all(MASK_VALUE.name), options.one(MASK_THRESHOLD.name))


def read_regions(
    path: Path, *, label: str, choice: MaskChoice, image: ImageName | None, page: int | None = None
) -> tuple[list[ImportedShape], list[Remark]]:
    """The regions of one page of a mask picture, as it is shown. Never raises for what the file holds.

    page: None where nothing says it: of several the one of the image's frame. image: the one that a remark is about.
    """
    if not path.is_file():
        sentence = f"The mask {path} is not there."
        return [], [_remark(Outcome.LEFT_OUT, sentence, rule="masks that are not there", image=image)]
    told: list[Remark] = []
    try:
        if page is None and (count := page_count(path)) > 1:
            page = None if image is None else image.frame_index
            if page is None or page >= count:
                sentence = f"The mask {path} has {count} pages and nothing says which one belongs to the image."
                return [], [_remark(Outcome.AMBIGUOUS, sentence, rule="mask pages without a frame", image=image)]
            sentence = f"The mask {path} has {count} pages; page {page} was taken for frame {page}, counted from 0."
            told = [_remark(Outcome.GUESSED, sentence, rule="mask pages are frames", image=image)]
        values = read_values(path, page or 0)
    except AppError as error:
        sentence = str(error) if str(path) in str(error) else f"The mask {path}: {error}"
        return [], [_remark(Outcome.LEFT_OUT, sentence, rule="masks that cannot be read", image=image)]
    meaning = meaning_of(values, choice)
    rows, cols = values.values.shape[:2]
    shapes = []
    for suffix, own_label, runs in meaning.regions:
        shape = turned(runs, values.orientation, rows, cols)
        shapes.append(ImportedShape(label=own_label or (f"{label} {suffix}" if suffix else label), shape=shape))
    where = f", page {page}" if page else ""
    remarks = [
        Remark(
            outcome=said.outcome,
            sentence=f"The mask {path}{where}: {said.text}.",
            rule=said.rule,
            image=image,
            settle=said.settle,
            also=(image,) if said.opens and image is not None else (),
        )
        for said in meaning.said
    ]
    return shapes, told + remarks


def _remark(outcome: Outcome, sentence: str, *, rule: str, image: ImageName | None, settle: str = "") -> Remark:
    return Remark(outcome=outcome, sentence=sentence, rule=rule, image=image, settle=settle)


def one_bit_mask(path: Path) -> MaskRuns | None:
    """A mask of one bit, as this program writes it; None for a picture with more. Raises BadFile."""
    page = read_values(path)
    return MaskRuns.from_array(page.values) if page.full == 1.0 and not page.is_colour else None


def mask_png(mask: MaskRuns) -> bytes:
    """The mask as a 1-bit PNG."""
    from PIL import Image

    out = BytesIO()
    Image.fromarray(mask.to_array()).save(out, format="PNG", optimize=True)
    return out.getvalue()
