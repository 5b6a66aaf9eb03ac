"""`negatoscope review`: decide on what models proposed."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from viewer.cli.by_beginning import row_of
from viewer.cli.options import add_reader
from viewer.cli.output import Output

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from viewer.core.shapes.annotations import Proposal
    from viewer.project.deciding_proposals import Decided, Over
    from viewer.project.objects.deciding import ProposedPart
    from viewer.project.project import Project

HELP = "List what models proposed; accept, correct or reject it."
EXAMPLE = "negatoscope review my-project accept 3f2a91"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The project's folder, list, accept, correct or reject, and ids."""
    parser.add_argument("folder", type=Path, metavar="DIR", help="project folder")
    parser.add_argument("action", choices=("list", "accept", "correct", "reject"))
    parser.add_argument("ids", nargs="*", metavar="ID", help="proposals to decide on; the first digits are enough")
    parser.add_argument(
        "--decision",
        choices=("undecided", "accepted", "corrected", "rejected", "all"),
        default="undecided",
        help="what `list` shows (default: undecided)",
    )
    parser.add_argument("--image", default="", metavar="ID", help="only proposals on this image")
    parser.add_argument("--min-score", type=float, default=0.0, help="only proposals with at least this score")
    parser.add_argument(
        "--label",
        default="",
        metavar="NAME",
        help='what it is instead, for `correct`; "not assessed" where it cannot be told (default: no, where that is '
        "an answer)",
    )
    parser.add_argument(
        "--over",
        choices=("replace", "keep-both"),
        help="what becomes of shapes of the label that lie there already (default: such a proposal is not decided)",
    )
    add_reader(parser)


def run(args: argparse.Namespace, out: Output) -> Any:
    """Returns {"proposals": [...]} or {"done": [...], "problems": [...]}."""
    from viewer.core.errors import BadRequest

    if args.action == "list":
        with _open(args, writable=False) as project:
            return _list(project, args, out)
    if not args.ids:
        raise BadRequest(f"Say which proposals to {args.action}; `negatoscope review {args.folder} list` names them.")
    with _open(args, writable=True) as project:
        return _decide(project, args, out)


class _RunsInline:
    """The runs of a mask where they belong, in the document."""

    def add(self, rows: int, cols: int, runs: "NDArray[np.int32]") -> dict[str, Any]:
        """Part of `RunsOut`."""
        return {"rows": rows, "cols": cols, "runs": runs}


def _open(args: argparse.Namespace, *, writable: bool) -> "Project":
    """Raises BadRequest in a first reading, in which AI is not shown."""
    from viewer.core.errors import BadRequest
    from viewer.project.project import Project
    from viewer.project.readings import RoundKind, asked_round

    asked = asked_round(args.reader)
    if asked.kind is RoundKind.FIRST:
        raise BadRequest(
            f"{args.reader} is a reading before AI is shown, so nothing is listed or decided in it; review in a "
            f"reading of your own (--reader {asked.name!r})."
        )
    return Project.open(args.folder, writable=writable, reader=args.reader)


def _facts(project: "Project", proposal: "Proposal") -> dict[str, Any]:
    from viewer.project.deciding_proposals import name_now

    prediction = project.predictions.get(proposal.prediction_id)
    shape = proposal.shape
    shown = None if shape is None else {shape.kind: shape.to_stored(_RunsInline())}
    return {
        "proposal_id": proposal.proposal_id,
        "prediction_id": proposal.prediction_id,
        "image_id": proposal.image_id,
        "path": project.images.get(proposal.image_id).path,
        "label": proposal.label,
        "called": name_now(project, "image" if proposal.shape is None else "region", proposal.label),
        "score": proposal.score,
        "threshold": prediction.threshold,
        "proposed": prediction.proposes(proposal),  # at the model's operating point
        "decides": prediction.rule.words(prediction.threshold, beside=prediction.held),
        "shape": shown,
        "decision": proposal.decision,
        "annotation_id": proposal.annotation_id,
        **({"object_id": proposal.object_id} if proposal.object_id else {}),
        "model": prediction.model_name,
        "model_hash": prediction.model_hash,
        "outside_domain": prediction.outside_domain,
        "seen": prediction.seen,
    }


def _list(project: "Project", args: argparse.Namespace, out: Output) -> Any:
    from viewer.core.shapes.annotations import Decision
    from viewer.project.objects.deciding import decision_on

    decision = None if args.decision == "all" else Decision(args.decision)
    found: list[dict[str, Any]] = []
    scores: list[str] = []
    for parts in _wholes(project.predictions.all()):
        said = decision_on(parts)
        best = max(parts, key=lambda one: one.score)
        if decision in (None, said) and best.score >= args.min_score and _is_on(parts, args.image):
            spanned = {"slices": [_facts(project, one) for one in parts]} if len(parts) > 1 else {}
            found.append({**_facts(project, best), "decision": said, **spanned})
            scores.append(_score_words(project, best))
    for facts, score in zip(found, scores, strict=True):
        outside = "  outside its domain" if facts["outside_domain"] else ""
        outside += "  seen in training" if facts["seen"] else ""
        now = "" if facts["called"] == facts["label"] else f" (called {facts['called']} here)"
        out.line(
            f"{facts['proposal_id'][:12]}  {facts['label']}{now} {score}  {facts['decision']}  "
            f"{facts['model']}  {facts['path']}{_slices(facts)}{outside}"
        )
    if not found:
        out.line("Nothing to list.")
    return {"proposals": found}


def _score_words(project: "Project", proposal: "Proposal") -> str:
    """A score, told from its model's cut where it is held against it."""
    from viewer.core.deciding import score_words

    prediction = project.predictions.get(proposal.prediction_id)
    return score_words(proposal.score, prediction.cut_of(proposal.label, prediction.threshold))


def _wholes(proposals: "list[Proposal]") -> "list[list[Proposal]]":
    """The proposals that are one thing together, in the order of the first of each."""
    found: dict[str, list[Proposal]] = {}
    for one in proposals:
        found.setdefault(one.object_id or one.proposal_id, []).append(one)
    return list(found.values())


def _is_on(parts: "list[Proposal]", image_id: str) -> bool:
    return any(one.image_id.startswith(image_id) for one in parts)


def _slices(facts: dict[str, Any]) -> str:
    count = len(facts.get("slices", ()))
    return f"  one finding on {count} slices" if count > 1 else ""


def _decide(project: "Project", args: argparse.Namespace, out: Output) -> Any:
    from viewer.core.errors import AppError, BadRequest
    from viewer.project.lawful import opened_by

    if args.label and args.action != "correct":
        raise BadRequest(f"--label says what a proposal is instead; use it with `correct`, not with `{args.action}`.")
    everything = project.predictions.all()
    # Every id is looked up before the first decision, so a wrong one changes nothing.
    chosen = [row_of(everything, wanted, lambda one: one.proposal_id, "proposal") for wanted in dict.fromkeys(args.ids)]
    # A finding on several slices is decided once, whichever of its slices are named.
    chosen = list({one.object_id or one.proposal_id: one for one in reversed(chosen)}.values())[::-1]
    done: list[dict[str, Any]] = []
    problems: list[dict[str, str]] = []
    for proposal in chosen:
        try:
            decided = _decided(project, proposal, args)
            kept = project.history.do(decided.edit)
        except AppError as error:
            problems.append({"proposal_id": proposal.proposal_id, "reason": str(error)})
            out.note(f"{proposal.proposal_id[:12]}: {error}")
            continue
        now = project.predictions.get_proposal(proposal.proposal_id)
        opened = [project.cases.get(case_id).title for case_id in opened_by(kept)]
        done.append(
            {
                "proposal_id": now.proposal_id,
                "decision": now.decision,
                "annotation_id": now.annotation_id,
                "said": decided.words,
                "opened_again": opened,
            }
        )
        more = f"  {decided.words}" if decided.words else ""
        out.line(f"{now.proposal_id[:12]}  {now.label} {_score_words(project, now)}  {now.decision.value}{more}")
        for title in opened:
            out.note(f"{title} is open again: an exclusive task of it is not answered any more.")
    if problems:
        out.fail(f"negatoscope: {len(problems)} of {len(chosen)} proposals could not be decided on.")
    return {"done": done, "problems": problems}


def _decided(project: "Project", proposal: "Proposal", args: argparse.Namespace) -> "Decided":
    """The edit that was asked for. Raises BadRequest where the command line does not say enough."""
    from viewer.core.errors import BadRequest
    from viewer.core.labels import Verdict
    from viewer.project.deciding_proposals import NOT_ASSESSED, InTheWay, Over, to_accept, to_correct, to_reject
    from viewer.project.objects.deciding import ProposedPart

    prediction = project.predictions.get(proposal.prediction_id)
    over = None if args.over is None else Over(args.over)
    parts = [
        ProposedPart(proposal=one, prediction=project.predictions.get(one.prediction_id))
        for one in project.predictions.of_object(proposal)
    ]
    try:
        if len(parts) > 1:
            return _decided_whole(project, parts, proposal.proposal_id, args, over)
        if args.action == "accept":
            return to_accept(project, proposal, prediction, over=over)
        if args.action == "reject":
            return to_reject(project, proposal, prediction)
        if args.label == NOT_ASSESSED and proposal.shape is None:
            return to_correct(project, proposal, prediction, verdict=Verdict.NOT_ASSESSED)
        return to_correct(project, proposal, prediction, label=args.label or None, over=over)
    except InTheWay as error:
        raise BadRequest(f"{error} (--over replace or --over keep-both).") from error


def _decided_whole(
    project: "Project", parts: "list[ProposedPart]", changed: str, args: argparse.Namespace, over: "Over | None"
) -> "Decided":
    from viewer.project.objects.deciding import accept_whole, correct_whole, reject_whole

    if args.action == "accept":
        return accept_whole(project, parts, over=over)
    if args.action == "reject":
        return reject_whole(project, parts)
    return correct_whole(project, parts, changed, label=args.label or None, over=over)
