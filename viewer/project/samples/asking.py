"""The frames that a question to a model takes, beside the image it is about."""

from collections.abc import Sequence

from viewer.core.errors import LacksFrames
from viewer.core.samples import SampleRule
from viewer.project.samples.finding import SampleFinder
from viewer.project.samples.stacks import Slice
from viewer.reading.series import FrameRef


def asked_frames(
    finder: SampleFinder, rule: SampleRule, ref: FrameRef, *, model: str, modalities: Sequence[str] = ()
) -> tuple[Slice, ...]:
    """Every frame of the sample of an image, itself among them; () where a sample is one image.

    model, modalities: its name and those of the images it was trained on, for the sentence. Raises LacksFrames with
    what is not there, Ambiguous.
    """
    if rule.is_plain:
        return ()
    try:
        return tuple(frame.slice for frame in finder.find(rule, ref).frames)
    except LacksFrames as error:
        raise LacksFrames(
            f"{model} reads {rule.words(modalities)}, but {ref.path.name} {error}; open or name the folder that holds "
            "the whole study, or choose another model."
        ) from error
