"""A small one-stage detector that finds box centres (after CenterNet, Zhou et al. 2019, arXiv 1904.07850)."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ml.nets.most_boxes import MOST_BOXES

STRIDE = 8  # input pixels per cell of the centre map


def block(inputs: int, outputs: int, *, stride: int = 1) -> nn.Sequential:
    """3x3 convolution, batch norm, ReLU."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU()
    )


class CenterPoint(nn.Module):
    """Per cell and class: is a box's centre here, and how far are its four sides.

    The same face as torchvision's detectors. In training `network(images, targets)` returns a dict of losses; in
    evaluation `network(images)` a list of {"boxes": (n, 4) x0 y0 x1 y1, "labels": (n,) from 1, "scores": (n,)} in
    input pixels. images: (batch, channel, row, col), sides a multiple of 16.
    """

    def __init__(self, *, classes: int, channels: int, candidates: int = MOST_BOXES) -> None:
        super().__init__()
        self.classes = classes
        self.candidates = candidates
        self.features = nn.Sequential(
            block(channels, 16, stride=2), block(16, 32, stride=2), block(32, 48), block(48, 64, stride=2)
        )
        self.context = nn.Sequential(block(64, 64, stride=2), block(64, 64), block(64, 64))
        self.join = block(128, 64)
        self.center = nn.Conv2d(64, classes, 1)
        self.sides = nn.Conv2d(64, 4 * classes, 1)
        # A start at a probability of 0.05 keeps the empty cells from drowning the first steps.
        nn.init.constant_(self.center.bias, -3.0)  # type: ignore[arg-type]

    def maps(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Centre logits (batch, class, row, col) and log distances to the sides (batch, class, 4, row, col)."""
        fine = self.features(images)
        wide = F.interpolate(self.context(fine), size=fine.shape[-2:], mode="bilinear", align_corners=False)
        joined = self.join(torch.cat([fine, wide], dim=1))
        sides = self.sides(joined)
        return self.center(joined), sides.reshape(len(sides), self.classes, 4, *sides.shape[-2:])

    def forward(self, images: Tensor, targets: list[dict[str, Tensor]] | None = None) -> object:
        """Losses in training, detections in evaluation."""
        batch = torch.stack(list(images)) if isinstance(images, list) else images
        centers, sides = self.maps(batch)
        size_px = batch.shape[-1]
        if self.training:
            assert targets is not None
            return self.losses(centers, sides, targets, size_px)
        return [self.decode(centers[i], sides[i], batch.shape[-2], size_px) for i in range(len(batch))]

    def losses(
        self, centers: Tensor, sides: Tensor, targets: list[dict[str, Tensor]], size_px: int
    ) -> dict[str, Tensor]:
        """Focal loss of the centre map; generalised IoU and smooth L1 of the sides around each centre."""
        from torchvision.ops import generalized_box_iou_loss

        rows, cols = centers.shape[-2:]
        heat = torch.zeros_like(centers)
        col_px = (torch.arange(cols, device=centers.device) + 0.5) * STRIDE
        row_px = (torch.arange(rows, device=centers.device) + 0.5) * STRIDE
        found, wanted = [], []
        for index, target in enumerate(targets):
            for box, label in zip(target["boxes"], target["labels"].tolist(), strict=True):
                x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
                spread = torch.clamp((box[2:] - box[:2]) * 0.12, min=STRIDE * 0.6)
                bell = torch.exp(
                    -(((col_px[None, :] - x) / spread[0]) ** 2) / 2 - ((row_px[:, None] - y) / spread[1]) ** 2 / 2
                )
                r = min(rows - 1, max(0, int(y / STRIDE)))
                c = min(cols - 1, max(0, int(x / STRIDE)))
                bell[r, c] = 1.0
                heat[index, label - 1] = torch.maximum(heat[index, label - 1], bell)
                near = (bell > 0.5).nonzero()
                cells = sides[index, label - 1][:, near[:, 0], near[:, 1]].T
                found.append(_boxes(cells, col_px[near[:, 1]], row_px[near[:, 0]], size_px))
                wanted.append(box[None].expand(len(near), 4))
        positive = heat == 1
        probability = torch.sigmoid(centers.float()).clamp(1e-5, 1 - 1e-5)
        hit = -torch.log(probability) * (1 - probability) ** 2 * positive
        miss = -torch.log(1 - probability) * probability**2 * (1 - heat) ** 4 * ~positive
        count = max(1, int(positive.sum()))
        losses = {"center": (hit.sum() + miss.sum()) / count}
        if found:
            a, b = torch.cat(found).float(), torch.cat(wanted).float()
            losses["overlap"] = generalized_box_iou_loss(a, b, reduction="mean") * 2
            losses["sides"] = F.smooth_l1_loss(a / size_px, b / size_px, beta=0.02) * 5
        return losses

    def decode(self, centers: Tensor, sides: Tensor, height_px: int, width_px: int) -> dict[str, Tensor]:
        """Local maxima of the centre map, best first, then non-maximum suppression per class."""
        from torchvision.ops import batched_nms

        heat = torch.sigmoid(centers.float())
        peaks = heat * (F.max_pool2d(heat[None], 3, stride=1, padding=1)[0] == heat)
        cols = heat.shape[-1]
        scores, index = peaks.flatten().topk(min(self.candidates, peaks.numel()))
        label, cell = index // (heat.shape[-2] * cols), index % (heat.shape[-2] * cols)
        row, col = cell // cols, cell % cols
        boxes = _boxes(sides[label, :, row, col].float(), (col + 0.5) * STRIDE, (row + 0.5) * STRIDE, width_px)
        boxes = torch.stack(
            [
                boxes[:, 0].clamp(0, width_px),
                boxes[:, 1].clamp(0, height_px),
                boxes[:, 2].clamp(0, width_px),
                boxes[:, 3].clamp(0, height_px),
            ],
            dim=1,
        )
        sound = (scores > 0.01) & (boxes[:, 2] > boxes[:, 0]) & (boxes[:, 3] > boxes[:, 1])
        boxes, scores, label = boxes[sound], scores[sound], label[sound]
        kept = batched_nms(boxes, scores, label, 0.5)
        return {"boxes": boxes[kept], "labels": label[kept] + 1, "scores": scores[kept]}


def _boxes(cells: Tensor, x: Tensor, y: Tensor, size_px: int) -> Tensor:
    """cells: (n, 4) log distances left, top, right, bottom in quarters of the input; returns (n, 4) x0 y0 x1 y1."""
    reach = torch.exp(cells.float().clamp(-5, 2)) * size_px / 4
    return torch.stack([x - reach[:, 0], y - reach[:, 1], x + reach[:, 2], y + reach[:, 3]], dim=1)
