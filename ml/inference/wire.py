"""Predictions and heatmaps as JSON: what the inference child sends, and what the command line writes. No torch here."""

import base64
from typing import Any

import numpy as np

from viewer.core import errors
from viewer.core.errors import AppError
from viewer.core.heat import ARBITRARY, NOT_A_DIAGNOSIS, HeatMap, MapLayer
from viewer.core.shapes.annotations import Decision, Prediction, Proposal
from viewer.core.shapes.shape import Shape, shape_kind
from viewer.core.values import Quantity


def shape_document(shape: Shape | None) -> dict[str, Any] | None:
    """A shape in image points; a mask as [row, col_start, col_end] runs, half-open."""
    if shape is None:
        return None
    return {"kind": shape.kind, **shape.to_document()}


def shape_of(document: dict[str, Any] | None) -> Shape | None:
    """Reads what `shape_document` wrote."""
    if document is None:
        return None
    return shape_kind(document["kind"]).from_document(document)


def prediction_document(prediction: Prediction) -> dict[str, Any]:
    """One prediction with its proposals."""
    return {
        "prediction_id": prediction.prediction_id,
        "image_id": prediction.image_id,
        "model_hash": prediction.model_hash,
        "model_name": prediction.model_name,
        "kind": prediction.kind,
        "created": prediction.created,
        "threshold": prediction.threshold,
        "labels": list(prediction.labels),
        "exclusive": prediction.exclusive,
        "scores": dict(prediction.scores),
        **({"numbers": numbers_document(prediction)} if prediction.numbers else {}),
        "outside_domain": prediction.outside_domain,
        "seen": prediction.seen,
        "proposals": [
            {
                "proposal_id": proposal.proposal_id,
                "label": proposal.label,
                "score": proposal.score,
                "shape": shape_document(proposal.shape),
                "decision": proposal.decision.value,
                **({"object_id": proposal.object_id} if proposal.object_id else {}),
            }
            for proposal in prediction.proposals
        ],
    }


def numbers_document(prediction: Prediction) -> dict[str, Any]:
    """The numbers of an answer, each with its unit as UCUM writes it."""
    return {name: {"number": said.number, "unit": said.unit} for name, said in prediction.numbers.items()}


def prediction_of(document: dict[str, Any]) -> Prediction:
    """Reads what `prediction_document` wrote."""
    proposals = tuple(
        Proposal(
            proposal_id=each["proposal_id"],
            prediction_id=document["prediction_id"],
            image_id=document["image_id"],
            label=each["label"],
            score=each["score"],
            shape=shape_of(each["shape"]),
            decision=Decision(each["decision"]),
            outside_domain=bool(document["outside_domain"]),
            object_id=str(each.get("object_id", "")),
        )
        for each in document["proposals"]
    )
    plain = ("prediction_id", "image_id", "model_hash", "model_name", "kind", "created", "threshold", "scores")
    return Prediction(
        **{name: document[name] for name in plain},
        proposals=proposals,
        outside_domain=document["outside_domain"],
        labels=tuple(document.get("labels", ())),
        exclusive=bool(document.get("exclusive", False)),
        seen=str(document.get("seen", "")),
        numbers={
            name: Quantity(number=said["number"], unit=said["unit"])
            for name, said in document.get("numbers", {}).items()
        },
    )


def heat_document(heat: HeatMap) -> dict[str, Any]:
    """One heatmap; the grid as base64 of little-endian float32, row by row."""
    return {
        "image_id": heat.image_id,
        "model_hash": heat.model_hash,
        "label": heat.label,
        "method": heat.method,
        "layer": heat.layer,
        "rows": heat.grid.shape[0],
        "cols": heat.grid.shape[1],
        "grid_b64": base64.b64encode(np.ascontiguousarray(heat.grid, "<f4").tobytes()).decode("ascii"),
        "box": [heat.x0_px, heat.y0_px, heat.x1_px, heat.y1_px],
        "maximum": heat.maximum,
        "unit": heat.unit,
        "scale_top": heat.scale_top,
        "scale_from": heat.scale_from,
        "scale_image": heat.scale_image,
        "same_as": list(heat.same_as),
        "layers": [[one.name, one.rows, one.cols] for one in heat.layers],
        "checks": heat.checks,
        "outside_domain": heat.outside_domain,
        "wording": NOT_A_DIAGNOSIS,
    }


def heat_of(document: dict[str, Any]) -> HeatMap:
    """Reads what `heat_document` wrote."""
    grid = np.frombuffer(base64.b64decode(document["grid_b64"]), "<f4").reshape(document["rows"], document["cols"])
    x0, y0, x1, y1 = document["box"]
    plain = ("image_id", "model_hash", "label", "method", "layer", "checks")
    return HeatMap(
        **{name: document[name] for name in plain},
        grid=grid.astype(np.float32),
        x0_px=x0,
        y0_px=y0,
        x1_px=x1,
        y1_px=y1,
        outside_domain=document.get("outside_domain", ""),
        unit=document.get("unit", ARBITRARY),
        scale_top=document.get("scale_top"),
        scale_from=document.get("scale_from", ""),
        scale_image=document.get("scale_image", ""),
        same_as=tuple(document.get("same_as", ())),
        layers=tuple(MapLayer(name=name, rows=rows, cols=cols) for name, rows, cols in document.get("layers", ())),
    )


def error_document(error: AppError) -> dict[str, str]:
    """One sentence and the name of its class."""
    return {"error": str(error), "kind": type(error).__name__}


def error_of(document: dict[str, Any]) -> AppError:
    """The error again, of its own class where there is one."""
    kind = getattr(errors, str(document.get("kind", "")), None)
    sentence = str(document.get("error", "The model gave no answer."))
    return kind(sentence) if isinstance(kind, type) and issubclass(kind, AppError) else errors.JobFailed(sentence)
