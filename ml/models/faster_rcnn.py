"""Faster R-CNN (Ren et al. 2015, arXiv 1506.01497) from torchvision, BSD-3-Clause."""

from typing import TYPE_CHECKING

from ml.catalogue import ModelSpec, PreprocessSpec

if TYPE_CHECKING:
    from torch.nn import Module


def build_mobilenet_v3_320(classes: int, channels: int) -> "Module":
    """An untrained detector; labels count from 1, 0 is background. channels: 3.

    The network's own transform skips its resizing (ours is done already) and normalises by ImageNet's statistics
    inside, so `preprocess` stops at [0, 1]: normalising twice is the usual mistake.
    """
    from torchvision.models.detection import fasterrcnn_mobilenet_v3_large_320_fpn

    from ml.nets.most_boxes import MOST_BOXES

    network: Module = fasterrcnn_mobilenet_v3_large_320_fpn(
        weights=None,
        weights_backbone=None,
        num_classes=classes + 1,
        _skip_resize=True,
        # 512 sampled proposals an image cost 1.6 s a step of four images on two cores and hold at most a few boxes.
        box_batch_size_per_image=64,
        rpn_pre_nms_top_n_train=300,
        rpn_post_nms_top_n_train=100,
        # Its own limits (150 proposals, 100 boxes) are fewer than one crowded image holds.
        rpn_pre_nms_top_n_test=MOST_BOXES,
        rpn_post_nms_top_n_test=MOST_BOXES,
        box_detections_per_img=MOST_BOXES,
    )
    return network


FASTERRCNN_MOBILENET_V3_320 = ModelSpec(
    name="fasterrcnn_mobilenet_v3_320",
    title="Faster R-CNN, MobileNetV3 320",
    kind="detection",
    input_px=320,
    parameters=18_959_754,
    build=build_mobilenet_v3_320,
    cam_layer="backbone.body",
    preprocess=PreprocessSpec(size_px=320, channels=3, mean=(0.0,), std=(1.0,)),
    licence="BSD-3-Clause",
    default=True,
)
