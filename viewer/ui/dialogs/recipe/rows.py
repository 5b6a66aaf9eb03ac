"""The settings of a recipe behind *All settings*, a row each: a new one is a row here."""

from dataclasses import dataclass

GROUPS = ("Learning", "Input", "Augmentation", "Computing")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """name: the recipe's. title: what stands before its field, with its unit. tip: what it does, in a sentence.

    choices: value and words, where it is chosen. unset: what 0 means, where it is no number. needs: the setting and
    the value of it (for a flag: that it is on) without which this one does nothing.
    """

    name: str
    group: str
    title: str
    tip: str
    choices: tuple[tuple[str, str], ...] = ()
    unset: str = ""
    needs: tuple[str, object] | None = None


FIXED = ("window", "fixed")
AUGMENTED = ("augment", True)

ROWS = (
    Row(
        name="weight_decay", group="Learning", title="Weight decay",
        tip="How strongly weights are drawn to 0 with each step; biases and norms are left alone",
    ),
    Row(
        name="warmup_share", group="Learning", title="Warm-up, share of steps",
        tip="In so large a share of all steps the learning rate rises; after it, it falls by a cosine",
    ),
    Row(
        name="ema_decay", group="Learning", title="Averaged weights, decay",
        tip="An average of the weights over the steps is validated and kept, such as 0.999; 0: the weights themselves",
    ),
    Row(
        name="label_smoothing", group="Learning", title="Label smoothing",
        tip="So much of each label's certainty is given to the others; of labels that exclude each other",
    ),
    Row(
        name="select", group="Learning", title="Best epoch by",
        tip="What chooses the epoch that is kept: the figure of the validation part, or its loss",
        choices=(("metric", "Highest figure"), ("loss", "Lowest loss")),
    ),
    Row(
        name="patience", group="Learning", title="Patience, epochs", unset="never stops early",
        tip="After so many epochs without a better one the run ends; empty: it goes through all of them",
    ),
    Row(
        name="class_weights", group="Learning", title="Rarer classes weigh more",
        tip="A class with few images counts for more in the loss; its scores are calibrated afterwards",
    ),
    Row(
        name="operating_point", group="Learning", title="Cut of the scores",
        tip="The rule by which the cut is chosen on the validation part; the window decides by it",
    ),
    Row(
        name="fit", group="Input", title="Image that is no square",
        tip="How an image comes into the input: stretched to fill it, or whole with black beside it",
        choices=(("stretch", "Is stretched"), ("letterbox", "Is kept whole")),
    ),
    Row(
        name="window", group="Input", title="Window",
        tip="Which stored values become black and white before the network sees an image",
        choices=(
            ("", "As the model has it"), ("percentile", "By the image's percentiles"), ("full", "The full range"),
            ("fixed", "Fixed"),
        ),
    ),
    Row(
        name="window_center", group="Input", title="Window centre", needs=FIXED,
        tip="Of a fixed window, in the values of the image (HU of a CT)",
    ),
    Row(
        name="window_width", group="Input", title="Window width", needs=FIXED,
        tip="Of a fixed window, in the values of the image (HU of a CT)",
    ),
    Row(
        name="augment", group="Augmentation", title="Change images by chance",
        tip="Each epoch sees each image a little turned, shifted, scaled, lighter or darker",
    ),
    Row(
        name="augment_flip", group="Augmentation", title="Flip left and right", needs=AUGMENTED,
        tip="Not where the side matters: a flipped heart lies on the right",
    ),
    Row(
        name="augment_rotate_deg", group="Augmentation", title="Rotation, degrees", needs=AUGMENTED,
        tip="The most that an image is turned, either way",
    ),
    Row(
        name="augment_scale", group="Augmentation", title="Scale, share", needs=AUGMENTED,
        tip="The most that an image is made larger or smaller: 0.1 is a tenth",
    ),
    Row(
        name="augment_shift", group="Augmentation", title="Shift, share", needs=AUGMENTED,
        tip="The most that an image is moved, as a share of its side",
    ),
    Row(
        name="augment_contrast", group="Augmentation", title="Contrast, share", needs=AUGMENTED,
        tip="The most that contrast is raised or lowered",
    ),
    Row(
        name="augment_brightness", group="Augmentation", title="Brightness, share", needs=AUGMENTED,
        tip="The most that an image is made lighter or darker, as a share of black to white",
    ),
    Row(
        name="augment_noise", group="Augmentation", title="Noise", needs=AUGMENTED,
        tip="The standard deviation of noise that is added, as a share of black to white",
    ),
    Row(
        name="threads", group="Computing", title="Threads", unset="chosen by itself",
        tip="Of the processor; a run repeats exactly only with as many",
    ),
    Row(
        name="precision", group="Computing", title="Precision",
        tip="The numbers that it computes with; by itself what the device does well",
        choices=(
            ("auto", "Chosen by itself"), ("fp32", "32 bit"), ("fp32_channels_last", "32 bit, channels last"),
            ("bf16", "16 bit (bfloat16)"),
        ),
    ),
    Row(
        name="checkpoint_every_s", group="Computing", title="Checkpoint every, s",
        tip="Within a long epoch, so that a run that was ended goes on from there; each epoch's end has one too",
    ),
)  # fmt: skip
