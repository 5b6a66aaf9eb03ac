"""`negatoscope review`: decide on what models proposed."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from viewer.cli.output import Output

if TYPE_CHECKING:
    from viewer.core.annotations import Proposal
    from viewer.project.project import Project

HELP = "List what models proposed; accept or reject it."
EXAMPLE = "negatoscope review my-project accept 3f2a91"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The project's folder, list, accept or reject, and ids."""
    parser.add_argument("folder", type=Path, metavar="DIR", help="project folder")
    parser.add_argument("action", choices=("list", "accept", "reject"))
    parser.add_argument("ids", nargs="*", metavar="ID", help="proposals to decide on; the first digits are enough")
    parser.add_argument(
        "--decision",
        choices=("undecided", "accepted", "corrected", "rejected", "all"),
        default="undecided",
        help="what `list` shows (default: undecided)",
    )
    parser.add_argument("--image", default="", metavar="ID", help="only proposals on this image")
    parser.add_argument("--min-score", type=float, default=0.0, help="only proposals with at least this score")


def run(args: argparse.Namespace, out: Output) -> Any:
    """Returns {"proposals": [...]} or {"done": [...], "problems": [...]}."""
    from viewer.core.errors import BadRequest
    from viewer.project.project import Project

    if args.action == "list":
        with Project.open(args.folder, writable=False) as project:
            return _list(project, args, out)
    if not args.ids:
        raise BadRequest(f"Say which proposals to {args.action}; `negatoscope review {args.folder} list` names them.")
    with Project.open(args.folder, writable=True) as project:
        return _decide(project, args, out)


def _facts(project: "Project", proposal: "Proposal") -> dict[str, Any]:
    from viewer.core.masks import MaskRuns
    from viewer.core.shapes import Box

    prediction = project.predictions.get(proposal.prediction_id)
    shape: dict[str, Any] | None
    match proposal.shape:
        case None:
            shape = None
        case Box() as box:
            shape = {"box": [box.x0_px, box.y0_px, box.x1_px, box.y1_px]}
        case MaskRuns() as mask:
            shape = {"mask": {"rows": mask.rows, "cols": mask.cols, "runs": mask.runs}}
        case polygon:
            shape = {"polygon": polygon.points_px}
    return {
        "proposal_id": proposal.proposal_id,
        "prediction_id": proposal.prediction_id,
        "image_id": proposal.image_id,
        "path": project.images.get(proposal.image_id).path,
        "label": proposal.label,
        "score": proposal.score,
        "threshold": prediction.threshold,
        "proposed": prediction.proposes(proposal),  # at the model's operating point
        "decides": prediction.rule.words(prediction.threshold),
        "shape": shape,
        "decision": proposal.decision,
        "annotation_id": proposal.annotation_id,
        "model": prediction.model_name,
        "model_hash": prediction.model_hash,
        "outside_domain": prediction.outside_domain,
    }


def _list(project: "Project", args: argparse.Namespace, out: Output) -> Any:
    from viewer.core.annotations import Decision

    decision = None if args.decision == "all" else Decision(args.decision)
    found = [
        _facts(project, proposal)
        for proposal in project.predictions.all(decision)
        if proposal.score >= args.min_score and proposal.image_id.startswith(args.image)
    ]
    for facts in found:
        outside = "  outside its domain" if facts["outside_domain"] else ""
        out.line(
            f"{facts['proposal_id'][:12]}  {facts['label']} {facts['score']:.2f}  {facts['decision']}  "
            f"{facts['model']}  {facts['path']}{outside}"
        )
    if not found:
        out.line("Nothing to list.")
    return {"proposals": found}


def _find(proposals: "list[Proposal]", wanted: str) -> "Proposal":
    from viewer.core.errors import Ambiguous, UnknownName

    found = [proposal for proposal in proposals if proposal.proposal_id.startswith(wanted)]
    if not found:
        raise UnknownName(f"There is no proposal {wanted} in this project.")
    if len(found) > 1:
        raise Ambiguous(f"{len(found)} proposals begin with {wanted}; give more digits.")
    return found[0]


def _decide(project: "Project", args: argparse.Namespace, out: Output) -> Any:
    from viewer.core.errors import AppError
    from viewer.project.edit_builders import accept, reject

    everything = project.predictions.all()
    # Every id is looked up before the first decision, so a wrong one changes nothing.
    chosen = [_find(everything, wanted) for wanted in dict.fromkeys(args.ids)]
    done: list[dict[str, Any]] = []
    problems: list[dict[str, str]] = []
    for proposal in chosen:
        try:
            if args.action == "accept":
                labels = project.work.image_labels(proposal.image_id)
                project.history.do(accept(proposal, author=project.author, image_labels=labels))
            else:
                project.history.do(reject(proposal))
        except AppError as error:
            problems.append({"proposal_id": proposal.proposal_id, "reason": str(error)})
            out.note(f"{proposal.proposal_id[:12]}: {error}")
            continue
        now = project.predictions.get_proposal(proposal.proposal_id)
        done.append({"proposal_id": now.proposal_id, "decision": now.decision, "annotation_id": now.annotation_id})
        out.line(f"{now.proposal_id[:12]}  {now.label} {now.score:.2f}  {now.decision.value}")
    if problems:
        out.fail(f"negatoscope: {len(problems)} of {len(chosen)} proposals could not be decided on.")
    return {"done": done, "problems": problems}
