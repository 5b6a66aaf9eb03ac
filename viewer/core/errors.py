"""The one family of errors a person may see.

    AppError
    ├── BadFile            a file cannot be read or shows less than it promises
    ├── UnsupportedFile    a file is read, but holds what this program does not show
    ├── NotFound           a path or id leads nowhere
    │   └── UnknownName    a name is none of those that can be chosen (exit code 2 on the command line)
    ├── Ambiguous          a name leads to several things (exit code 2)
    ├── NotWritable        disk full, read-only folder, a second writer
    ├── BadProject         the project's database or folder is damaged or newer than this program
    ├── BadRequest         the options asked for do not fit together (exit code 2)
    ├── PatientInTwoParts  a split would put one patient on both sides
    ├── OutsideDomain      an image does not fit what a model was trained on
    ├── LacksFrames        a neighbour, slice of another series or view that a sample needs is not there
    ├── BadModel           weights or a card are foreign, poisoned or do not fit
    ├── JobFailed          a training or inference child ended badly
    └── MissingExtra       the `ai` extra is not installed

Each message is one sentence that names the file and says what to do.
"""


class AppError(Exception):
    """Base of every error with a sentence for the person at the screen."""

    exit_code = 1


class BadFile(AppError):
    """A file cannot be read, or shows less than its header promises."""


class UnsupportedFile(AppError):
    """A file is sound, but holds something this program does not show."""


class NotFound(AppError):
    """A path or id leads nowhere."""


class UnknownName(NotFound):
    """A name is none of those that can be chosen: a model, a series, a run, a task."""

    exit_code = 2


class Ambiguous(AppError):
    """A name leads to several things."""

    exit_code = 2


class NotWritable(AppError):
    """The disk is full, the folder read-only, or another process writes."""


class BadProject(AppError):
    """The project is damaged, or made by a newer version."""


class BadRequest(AppError):
    """The options asked for do not fit together."""

    exit_code = 2


class PatientInTwoParts(AppError):
    """A split would put one patient into two parts."""


class OutsideDomain(AppError):
    """An image does not fit what the model was trained on."""


class LacksFrames(AppError):
    """A neighbour of an image, a slice of another series beside it, or another view of its study is not there."""


class BadModel(AppError):
    """Weights or a model card are foreign, poisoned or do not fit."""


class JobFailed(AppError):
    """A training or inference child ended badly."""


class MissingExtra(AppError):
    """The `ai` extra (torch and what belongs to it) is not installed. what: what needs it, e.g. "Training"."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"{what} needs torch, which is not installed here. Run `python3 packaging/start.py` in the checkout: "
            "it installs what is missing."
        )
