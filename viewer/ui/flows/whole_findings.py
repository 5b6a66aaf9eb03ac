"""Findings that span several images: what a model proposes as one thing stands in the list once."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from viewer.project.deciding_objects import ProposedPart, decision_on
from viewer.ui.flows.findings import Finding

if TYPE_CHECKING:
    from viewer.project.at_hand.values import AtHand


def as_wholes(findings: Sequence[Finding]) -> list[Finding]:
    """Each thing once, at the place of its first image. findings: image by image."""
    several: dict[str, list[Finding]] = {}
    for one in findings:
        if one.proposal.object_id:
            several.setdefault(one.proposal.object_id, []).append(one)
    several = {key: parts for key, parts in several.items() if len(parts) > 1}
    if not several:
        return list(findings)
    found: list[Finding] = []
    for one in findings:
        parts = several.get(one.proposal.object_id)
        if parts is None:
            found.append(one)
        elif parts[0] is one:
            found.append(_whole(parts))
    return found


def best_scores_of_wholes(findings: Sequence[Finding]) -> dict[str, float]:
    """The highest score of each thing that spans images."""
    return {one.proposal.object_id: one.proposal.score for one in findings if one.parts}


def parts_to_decide(finding: Finding) -> list[ProposedPart]:
    """What a decision on a finding is about: each of its parts, of most findings the one."""
    return [ProposedPart(proposal=one.proposal, prediction=one.prediction) for one in finding.parts or (finding,)]


def is_at_hand(at_hand: "AtHand", image_ids: Sequence[str]) -> bool:
    """Whether all that is proposed on these images is known: of a thing that is known in part nothing is decided."""
    return all(at_hand.images.known(image_id) for image_id in image_ids)


def _whole(parts: Sequence[Finding]) -> Finding:
    best = max(parts, key=lambda one: one.proposal.score)
    said = decision_on([one.proposal for one in parts])
    return replace(best, proposal=replace(best.proposal, decision=said), parts=tuple(parts))
