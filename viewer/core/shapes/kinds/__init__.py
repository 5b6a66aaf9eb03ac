"""Kinds of shapes, one file each: what is drawn on an image, and what is measured on it. A new kind is one file, one
row here, and a tool that draws it.

The contract is `viewer.core.shapes.shape.Shape`. A kind answers for itself: its outline, handles, words, pixels, stored
form. Nothing outside of this room asks what kind a shape is. Two kinds are forms that are asked of all others: a box
and a mask.
"""

KINDS = {
    "box": "viewer.core.shapes.kinds.box:Box",
    "polygon": "viewer.core.shapes.kinds.polygon:Polygon",
    "mask": "viewer.core.shapes.kinds.mask:MaskRuns",
    "point": "viewer.core.shapes.kinds.point:SinglePoint",
    "polyline": "viewer.core.shapes.kinds.polyline:Polyline",
    "length": "viewer.core.shapes.kinds.length:Length",
    "angle": "viewer.core.shapes.kinds.angle:Angle",
    "rectangle": "viewer.core.shapes.kinds.rectangle:Rectangle",
    "ellipse": "viewer.core.shapes.kinds.ellipse:Ellipse",
}
