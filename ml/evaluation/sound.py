"""Whether what is judged is made of numbers: a truth or an answer that is not gives figures that look like others."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ml.data.batches import ImageData
from ml.data.targets import true_boxes
from viewer.core.errors import BadModel, BadRequest
from viewer.core.text.counting import counted


def refuse_broken_scores(scores: NDArray[np.float64], names: Sequence[str], run: str) -> None:
    """scores: (case, ...) of any shape. Raises BadModel, which names the run and the first case without a number."""
    broken = np.asarray(~np.isfinite(scores).all(axis=tuple(range(1, scores.ndim))))
    if broken.any():
        raise BadModel(
            f"{run} gives no number for {counted(int(broken.sum()), 'case')} of {len(broken)}, the first is "
            f"{names[int(broken.argmax())]}; no figure is made of that. Train it again, or choose another run."
        )


@contextmanager
def only_numbers(network: nn.Module, run: str) -> Iterator[None]:
    """Within, BadModel is raised as soon as a layer gives NaN or infinity.

    From the answer it could not be seen: of such outputs a detector makes no boxes, and a cut an empty mask.
    """

    def check(module: nn.Module, given: object, output: object) -> None:
        if isinstance(output, Tensor) and not torch.isfinite(output).all():
            raise BadModel(
                f"{run} gives no numbers for some of these images: its layers end in NaN or infinity; no figure is "
                "made of that. Train it again, or choose another run."
            )

    layers = [module for module in network.modules() if isinstance(module, (nn.Conv2d, nn.Linear))]
    handles = [layer.register_forward_hook(check) for layer in layers]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def refuse_broken_truth(data: ImageData, rows: NDArray[np.int64]) -> None:
    """Raises BadRequest, which names the image, where a true box is not finite: each figure and control would be."""
    for row in rows.tolist():
        item = data.items[row]
        if not np.isfinite(true_boxes(item, data.task)[0]).all():
            raise BadRequest(
                f"{item.path} has a box with a corner that is not finite; delete or draw it again, and make a new "
                "snapshot."
            )
