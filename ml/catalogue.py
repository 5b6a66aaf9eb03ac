"""Models as literal rows: what can be trained, told without loading torch."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from ml.tasks import TASKS
from viewer.core.checked import Fields
from viewer.core.errors import BadRequest
from viewer.core.registry import load
from viewer.core.samples import MOST_CONTEXT, MOST_FRAMES, SampleRule

if TYPE_CHECKING:
    from torch.nn import Module

FITS = ("stretch", "letterbox")
WINDOWS = ("percentile", "full", "fixed")
# How stored pictures become levels. "stored" is what cards from before this was written mean: colour divided by what
# its depth can hold, grey windowed. "picture": the window is the picture's, however it is stored.
LEVELS = ("stored", "picture")
MOST_INPUT_PX = 8192
MOST_CHANNELS = MOST_FRAMES
# What a card leaves out where it is just that: cards from before are written as they were, and keep their hash.
LEFT_OUT: dict[str, Any] = {"cols_px": 0, "spacing_mm": None, "context": 0, "with_series": (), "with_views": ()}
_WRITTEN = object()
COLOUR_CHANNELS = 3

# One row, one model. A row's facts live in the frozen spec it names.
MODELS: dict[str, str] = {
    "simple_cnn": "ml.models.simple:SIMPLE_CNN",
    "small_unet": "ml.models.simple:SMALL_UNET",
    "center_point": "ml.models.simple:CENTER_POINT",
    "resnet18": "ml.models.resnet:RESNET18",
    "resnet34": "ml.models.resnet:RESNET34",
    "resnet50": "ml.models.resnet:RESNET50",
    "densenet121": "ml.models.densenet:DENSENET121",
    "mobilenet_v2": "ml.models.mobilenet:MOBILENET_V2",
    "efficientnet_b0": "ml.models.efficientnet:EFFICIENTNET_B0",
    "convnext_tiny": "ml.models.convnext:CONVNEXT_TINY",
    "fasterrcnn_mobilenet_v3_320": "ml.models.faster_rcnn:FASTERRCNN_MOBILENET_V3_320",
    "unet_resnet18": "ml.models.unet:UNET_RESNET18",
}
# One row, all models of a library: FAMILY:NAME is a model as well, with the facts that the library has of it.
FAMILIES: dict[str, str] = {"timm": "ml.models.timm_family:FAMILY"}
OF_FAMILY = ":"


@dataclass(frozen=True, slots=True, kw_only=True)
class PreprocessSpec:
    """How an image becomes a network's input; part of the model's card.

    size_px: rows of the input; cols_px: its cols, 0 for as many as rows. channels: any number; grey is repeated, and
    colour is seen where there are three.
    spacing_mm: (row, col) of the input's pixels; the image's centre lies in the input's, what does not fit in is cut,
    and an image that does not say its own spacing is refused. None: each image fills the input, as `fit` says.
    context, with_series, with_views: which frames make a sample (`SampleRule`); of several frames each is one grey
    channel.
    fit: "stretch" (default: bars tell a film's size, and on some sets the size tells the label) or "letterbox".
    window: "percentile" (lower and upper percentile of the image itself), "full" (the stored range), or "fixed"
    (window_center and window_width in modality units). mean, std: of the last step, per channel, after [0, 1].
    levels: "picture" (the same picture has the same levels, stored as grey, RGB, a palette or inverted), or "stored"
    (colour is not windowed), which models from before keep, so that they answer as they did.
    """

    size_px: int
    channels: int = 1
    fit: str = "stretch"
    window: str = "percentile"
    lower_percentile: float = 0.5
    upper_percentile: float = 99.5
    window_center: float = 0.0
    window_width: float = 0.0
    mean: tuple[float, ...] = (0.5,)
    std: tuple[float, ...] = (0.25,)
    levels: str = "picture"
    cols_px: int = 0
    spacing_mm: tuple[float, float] | None = None
    context: int = 0
    with_series: tuple[str, ...] = ()
    with_views: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if min(self.shape_px) < 8 or not 1 <= self.channels <= MOST_CHANNELS:
            raise BadRequest(f"A network's input is at least 8 px and has 1 to {MOST_CHANNELS} channels; got {self}.")
        if self.spacing_mm is not None and not (len(self.spacing_mm) == 2 and min(self.spacing_mm) > 0):
            raise BadRequest("spacing_mm is the distance of rows and that of cols, both above 0.")
        if self.fit not in FITS or self.window not in WINDOWS:
            raise BadRequest(f"fit is one of {', '.join(FITS)}; window one of {', '.join(WINDOWS)}.")
        if self.levels not in LEVELS:
            raise BadRequest(f"levels is one of {', '.join(LEVELS)}, not {self.levels!r}.")
        if self.window == "fixed" and not self.window_width > 0:
            raise BadRequest("A fixed window needs window_center and a positive window_width.")
        if not self.rule.is_plain and self.rule.count != self.channels:
            raise BadRequest(f"A sample of {self.rule.count} frames has as many channels, not {self.channels}.")
        if len(self.mean) not in (1, self.channels) or len(self.std) not in (1, self.channels):
            raise BadRequest("mean and std have one value, or one per channel.")

    @property
    def shape_px(self) -> tuple[int, int]:
        """(rows, cols) of the input."""
        return self.size_px, self.cols_px or self.size_px

    @property
    def rule(self) -> SampleRule:
        """Which frames make a sample."""
        return SampleRule(context=self.context, series=self.with_series, views=self.with_views)

    @property
    def window_words(self) -> str:
        """How each frame of a sample is windowed, after "of several frames"."""
        if self.window == "fixed":
            return "each is seen in the one window"
        if self.window == "full":
            return "each is windowed by its own least and greatest value"
        return f"each is windowed by its own percentiles {self.lower_percentile:g} and {self.upper_percentile:g}"

    @property
    def sees_colour(self) -> bool:
        """Whether its channels are those of a colour picture; else colour is seen as grey."""
        return self.channels == COLOUR_CHANNELS and self.rule.is_plain

    @property
    def sees_pictures(self) -> bool:
        """Whether the way of storing a picture changes nothing. A fixed window is about the numbers that are stored."""
        return self.levels == "picture" and self.window != "fixed"

    def to_json(self) -> dict[str, Any]:
        """A plain dict for the card."""
        fields = {name: getattr(self, name) for name in self.__slots__}
        fields = {name: value for name, value in fields.items() if LEFT_OUT.get(name, _WRITTEN) != value}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in fields.items()}

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> "PreprocessSpec":
        """Reads what `to_json` wrote. Raises BadRequest for unknown keys, and values of another type or range."""
        values = Fields(document, "The card's preprocess part", error=BadRequest)
        unknown = sorted(set(values.names()) - set(cls.__slots__))
        if unknown:
            names = ", ".join(name[:60] for name in unknown[:5])
            raise BadRequest(f"The card's preprocess part does not fit this version: it has {names}.")
        plain = cls(size_px=values.integer("size_px", 8, MOST_INPUT_PX))
        return cls(
            size_px=plain.size_px,
            channels=values.integer("channels", 1, MOST_CHANNELS, plain.channels),
            fit=values.word("fit", FITS, plain.fit),
            window=values.word("window", WINDOWS, plain.window),
            lower_percentile=values.number("lower_percentile", 0, 100, plain.lower_percentile),
            upper_percentile=values.number("upper_percentile", 0, 100, plain.upper_percentile),
            window_center=values.number("window_center", -1e12, 1e12, plain.window_center),
            window_width=values.number("window_width", 0, 1e12, plain.window_width),
            mean=values.numbers("mean", -1000, 1000, plain.mean),
            std=values.numbers("std", 1e-6, 1000, plain.std),
            levels=values.word("levels", LEVELS, "stored"),
            cols_px=values.integer("cols_px", 0, MOST_INPUT_PX, 0),
            spacing_mm=_spacing(values),
            context=values.integer("context", 0, MOST_CONTEXT, 0),
            with_series=values.texts("with_series", ()),
            with_views=values.texts("with_views", ()),
        )


def _spacing(values: Fields) -> tuple[float, float] | None:
    found = values.numbers("spacing_mm", 1e-6, 1e6) if values.has("spacing_mm") else ()
    if len(found) not in (0, 2):
        raise values.refuse("spacing_mm", "the distance of rows and that of cols")
    return (found[0], found[1]) if found else None


# What torchvision's and timm's weights expect of a grey image, repeated three times.
def imagenet_input(size_px: int) -> PreprocessSpec:
    """Three channels, ImageNet mean and spread."""
    return PreprocessSpec(size_px=size_px, channels=3, mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225))


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSpec:
    """One row of the catalogue.

    kind: of the task that it is made for; another kind may learn from the same outputs (`LearntTask.networks`).
    input_px: default rows and cols of the input. parameters: with two classes.
    build(classes, channels): an untrained network; torch is imported only there. classes: number of labels (a
    detector adds its own background). cam_layer: dotted name of the module whose output the default heatmap reads,
    "" of a network that has no map of the image to read.
    weights: resource folder of a trained network that ships with the program, else "".
    multiple_px: the input's sides must be a multiple of it, and least_px at the least; fixed_px: no other side than
    input_px. library: name and version of the library whose network it is, where another version may build another.
    """

    name: str
    title: str
    kind: str
    input_px: int
    parameters: int
    build: "Callable[[int, int], Module]"
    cam_layer: str
    preprocess: PreprocessSpec
    licence: str
    default: bool = False
    weights: str = ""
    multiple_px: int = 1
    least_px: int = 8
    fixed_px: bool = False
    library: str = ""

    def __post_init__(self) -> None:
        if self.kind not in TASKS:
            raise BadRequest(f"A model's kind is one of {', '.join(TASKS)}, not {self.kind}.")

    def serves(self, kind: str) -> bool:
        """Whether tasks of this kind learn with it. Raises UnknownName for a kind that there is not."""
        return serves(self.kind, kind)


def serves(made_for: str, kind: str) -> bool:
    """Whether tasks of one kind learn with networks of another. Raises UnknownName for a kind that there is not."""
    return bool(load(TASKS, kind).networks == made_for)


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyRow:
    """What can be said of a model of a family without building it. name: with the family's, as a recipe has it."""

    name: str
    kind: str
    input_px: int
    licence: str


class Family(Protocol):
    """All models of one library. Asking loads no torch here; what a library says is kept for its version.

    name: as it stands before the colon. kind: of its models. library: its name and version; raises MissingExtra.
    """

    name: str
    kind: str

    @property
    def library(self) -> str: ...

    def rows(self) -> list[FamilyRow]:
        """Every model, in the library's order. May take seconds the first time."""
        ...

    def spec(self, name: str) -> ModelSpec:
        """One of them, by its name without the family's. Raises UnknownName, or BadRequest with why it is not fit."""
        ...


def load_spec(name: str) -> ModelSpec:
    """The spec of a row or of a family's model. Raises NotFound with the names there are, BadRequest for one unfit.

    A library that is asked for the first time takes seconds: `is_of_family` says which names those are.
    """
    family, colon, inner = name.partition(OF_FAMILY)
    spec = load_family(family).spec(inner) if colon else load(MODELS, name)
    assert isinstance(spec, ModelSpec)
    return spec


def load_family(name: str) -> Family:
    """A family by its name. Raises UnknownName with those there are."""
    family: Family = load(FAMILIES, name)
    return family


def is_of_family(name: str) -> bool:
    """Whether a name is FAMILY:NAME."""
    return OF_FAMILY in name


def find_in_families(words: str) -> list[FamilyRow]:
    """The models of every family whose names hold each of these words, the shortest names first."""
    wanted = words.casefold().split()
    rows = [row for family in FAMILIES for row in load_family(family).rows()]
    found = [row for row in rows if all(word in row.name.casefold() for word in wanted)]
    return sorted(found, key=lambda row: (len(row.name.partition(".")[0]), row.name))


def title_of(name: str) -> str:
    """What people call a model, known at once; the name itself where there is no such row."""
    if is_of_family(name):
        return name.replace(OF_FAMILY, " ", 1)
    return load_spec(name).title if name in MODELS else name


def specs(kind: str | None = None) -> list[ModelSpec]:
    """All specs, or those that serve one kind of task, defaults first, then in the catalogue's order."""
    found = [load_spec(name) for name in MODELS]
    return sorted((s for s in found if kind is None or s.serves(kind)), key=lambda s: not s.default)


def default_spec(kind: str) -> ModelSpec:
    """The one sound default of a kind. Raises BadRequest for an unknown kind."""
    for spec in specs(kind) if kind in TASKS else ():
        if spec.default:
            return spec
    raise BadRequest(f"There is no kind {kind!r}; choose one of {', '.join(TASKS)}.")
