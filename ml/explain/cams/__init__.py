"""Heatmap methods, one row each; `ml/explain/cam.py` says what a method is.

EigenCAM and its kin are left out: their maps are not class-specific, so they do not answer "why this class".
"""

CAMS: dict[str, str] = {
    "gradcam": "ml.explain.cams.gradcam:GRADCAM",
    "gradcam++": "ml.explain.cams.library:GRADCAM_PLUS_PLUS",
    "hirescam": "ml.explain.cams.library:HIRESCAM",
    "xgradcam": "ml.explain.cams.library:XGRADCAM",
    "layercam": "ml.explain.cams.library:LAYERCAM",
}
DEFAULT = "gradcam"
