"""Accepting, correcting and rejecting the selected finding; what must be asked is asked before anything is kept."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from viewer.core.errors import AppError
from viewer.core.labels import Verdict
from viewer.core.shapes.annotations import Annotation, Decision, Origin
from viewer.ui.flows.findings import Finding, is_at_hand, next_undecided, parts_to_decide
from viewer.ui.flows.label_edits import answer_keys
from viewer.ui.state.announcing import announce_until
from viewer.ui.state.choosing import Ask, Question, ask_nobody

if TYPE_CHECKING:
    from collections.abc import Callable

    from viewer.project.deciding_proposals import Decided, Over
    from viewer.ui.flows.edit_words import EditWords
    from viewer.ui.flows.reviewing import Reviewing
    from viewer.ui.state.session import Session


class Decisions:
    """What a person decides. ask: how a question is asked."""

    def __init__(self, session: "Session", review: "Reviewing", words: "EditWords") -> None:
        self._session, self._review, self._words = session, review, words
        self.ask: Ask[Any] = ask_nobody

    def accept(self) -> None:
        """Take the selected proposal as it is, and go on to the next one to decide; of a model of numbers, those."""
        if self.offers_numbers:
            self._take_numbers()
            return
        finding = self._to_decide()
        if finding is not None:
            self._ask_over(finding, lambda over: self._accept(finding.proposal.proposal_id, over))

    def correct(self) -> None:
        """Take the selected proposal otherwise: a shape with its handles open; of a class, the one that holds."""
        from viewer.project.deciding_proposals import other_labels

        finding = self._to_decide()
        project = self._session.at_hand
        if finding is None:
            return
        proposal_id = finding.proposal.proposal_id
        if finding.proposal.shape is not None:
            self._ask_over(finding, lambda over: self._correct_shape(proposal_id, over))
            return
        others = other_labels(project, finding.proposal, finding.prediction)
        if others:
            self.ask(self._which_holds(finding, others), lambda right: self._correct_class(proposal_id, right))
        else:
            self._correct_class(proposal_id, Verdict.NO)

    @property
    def offers_numbers(self) -> bool:
        """Whether what is shown was answered with numbers, which are taken as one."""
        return self._review.selected is None and bool(self._review.prediction and self._review.prediction.numbers)

    def replaces(self, finding: Finding) -> str:
        """What of the image's own labels accepting a finding would overwrite, in a word; "" for nothing."""
        from viewer.project.deciding_proposals import replaced_words

        if finding.proposal.decision is not Decision.UNDECIDED:
            return ""
        return replaced_words(self._session.at_hand, finding.proposal, finding.prediction)

    def became(self, finding: Finding) -> str:
        """The label that a corrected finding has become, as long as it is there; "" for any other."""
        from viewer.project.deciding_proposals import corrected_to

        if finding.proposal.decision is not Decision.CORRECTED:
            return ""
        return corrected_to(self._session.at_hand, finding.proposal, finding.prediction)

    def reject(self) -> None:
        """Refuse the selected proposal, and go on to the next one to decide."""
        from viewer.project.deciding_proposals import to_reject
        from viewer.project.objects.deciding import reject_whole

        finding, project = self._to_decide(), self._session.at_hand
        if finding is not None:
            threshold = self._review.threshold
            if finding.parts:
                decided = self._here(reject_whole(project, parts_to_decide(finding), threshold=threshold))
            else:
                decided = to_reject(project, finding.proposal, finding.prediction, threshold=threshold)
            keys = answer_keys(project, decided.open_labels)
            self._keep_and_go_on(finding, decided, keys)

    # What is asked

    def _ask_over(self, finding: Finding, then: "Callable[[Over | None], None]") -> None:
        """Whether an accepted shape takes the place of those of its label that lie there, or joins them."""
        from viewer.project.deciding_proposals import Over
        from viewer.project.objects.deciding import in_the_way_of

        there = in_the_way_of(self._session.at_hand, parts_to_decide(finding))
        if not there:
            then(None)
            return
        what = _whose(there)
        self.ask(
            Question(
                title=f"“{finding.proposal.label}” is marked there already",
                detail=f"The proposal lies over {what}.",
                choices=(
                    (f"Replace {what} by the proposal", Over.REPLACE),
                    ("Keep both", Over.KEEP_BOTH),
                ),
            ),
            then,
        )

    def _which_holds(self, finding: Finding, others: tuple[str, ...]) -> "Question[str | Verdict]":
        from viewer.project.deciding_proposals import exclusive_groups

        label = finding.proposal.label
        exclusive = exclusive_groups(self._session.at_hand, label, finding.prediction)
        no: tuple[tuple[str, str | Verdict], ...] = (
            () if exclusive else ((f"Not “{label}”, and nothing else", Verdict.NO),)
        )
        return Question(
            title=f"What is it instead of “{label}”?",
            detail="One holds; the others become “no”." if exclusive else f"“{label}” becomes “no”.",
            choices=(
                *no,
                *((name, name) for name in others),
                ("It cannot be told: not assessed", Verdict.NOT_ASSESSED),
            ),
        )

    # What is kept

    def _accept(self, proposal_id: str, over: "Over | None") -> None:
        from viewer.project.deciding_proposals import to_accept
        from viewer.project.objects.deciding import accept_whole

        finding, project = self._again(proposal_id), self._session.at_hand
        if finding is None:
            return
        author, threshold = self._session.author, self._review.threshold
        if finding.parts:
            parts = parts_to_decide(finding)
            decided = self._here(accept_whole(project, parts, author=author, over=over, threshold=threshold))
        else:
            decided = to_accept(
                project, finding.proposal, finding.prediction, author=author, over=over, threshold=threshold
            )
        self._keep_and_go_on(finding, decided)

    def _take_numbers(self) -> None:
        from viewer.project.taking_numbers import to_take_numbers

        self._session.edits.wait()
        prediction = self._review.prediction
        if prediction is not None:
            edit, words = to_take_numbers(self._session.at_hand, prediction)
            self._words.do(edit, words)

    def _correct_class(self, proposal_id: str, right: str | Verdict) -> None:
        from viewer.project.deciding_proposals import to_correct

        finding, project = self._again(proposal_id), self._session.at_hand
        if finding is None:
            return
        label, verdict = (None, right) if isinstance(right, Verdict) else (right, Verdict.YES)
        decided = to_correct(
            project, finding.proposal, finding.prediction, label=label, verdict=verdict,
            author=self._session.author, threshold=self._review.threshold,
        )  # fmt: skip
        self._keep_and_go_on(finding, decided)

    def _correct_shape(self, proposal_id: str, over: "Over | None") -> None:
        from viewer.project.deciding_proposals import to_correct
        from viewer.project.objects.deciding import correct_whole

        finding, project = self._again(proposal_id), self._session.at_hand
        if finding is None:
            return
        author, threshold = self._session.author, self._review.threshold
        if finding.parts:
            parts, proposal_id = parts_to_decide(finding), self._part_shown(finding)
            whole = correct_whole(project, parts, proposal_id, author=author, over=over, threshold=threshold)
            decided = self._here(whole)
        else:
            decided = to_correct(
                project, finding.proposal, finding.prediction, over=over, author=author, threshold=threshold
            )
        # Said before the gesture: its commit may be told before `do` returns, or a moment after.
        self._review.opens_when_kept(proposal_id)
        if self._words.do(decided.edit, decided.words):
            self._session.set_tool("select")
        else:
            self._review.opens_when_kept("")

    def _here(self, decided: "Decided") -> "Decided":
        """Of several images the one that is shown is that of the gesture: undo asks for no other."""
        shown = self._session.shown
        return replace(decided, edit=replace(decided.edit, image_id=None if shown is None else shown.image_id))

    def _part_shown(self, finding: Finding) -> str:
        """The proposal on the image that is shown, of a finding over several."""
        shown = self._session.shown
        here = (one.proposal for one in finding.parts if shown is not None and one.proposal.image_id == shown.image_id)
        return next((one.proposal_id for one in here), finding.proposal.proposal_id)

    def _keep_and_go_on(self, finding: Finding, decided: "Decided", how: str = "") -> None:
        review = self._review
        if self._words.do(decided.edit, decided.words, how):
            following = next_undecided(review.findings, finding.proposal.proposal_id, review.threshold)
            if following is not None:
                review.select(following.proposal.proposal_id)

    def _to_decide(self) -> Finding | None:
        """The selected finding if it can be decided; else a word says why not."""
        self._session.edits.wait()
        finding = self._review.selected
        if finding is None and self.offers_numbers:
            self._session.announced.emit("info", "Say the right number in the panel Labels.")
            return None
        if finding is None:
            self._session.announced.emit("info", "Select a finding first: Alt+Down goes to the next one.")
            return None
        shown = self._session.shown
        if shown is None or shown.image_id not in finding.image_ids:
            # Nothing is decided on an image that nobody sees.
            self._review.select(finding.proposal.proposal_id)
            words = f"“{finding.proposal.label}” is on this image. Decide again to do it here."
            self._session.announced.emit("info", words)
            return None
        if not self._is_open(finding):
            return None
        if finding.parts and not is_at_hand(self._session.at_hand, self._review.images):
            words = "What is proposed on the other slices is still being read. Decide again in a moment."
            self._session.announced.emit("info", words)
            return None
        return finding

    def _again(self, proposal_id: str) -> Finding | None:
        """The finding that was asked about, as it stands now: while a question stood, others may have decided."""
        self._session.edits.wait()
        found = next((f for f in self._review.findings if f.proposal.proposal_id == proposal_id), None)
        return found if found is not None and self._is_open(found) else None

    def _is_open(self, finding: Finding) -> bool:
        if finding.proposal.decision is Decision.UNDECIDED:
            return True
        word = finding.proposal.decision.value
        session, words = self._session, f"“{finding.proposal.label}” is {word} already. Undo that first: Ctrl+Z."
        announce_until(session, "info", words, session.image_shown, session.work_changed)
        return False


def decide_aloud(session: "Session", decide: "Callable[[], None]") -> None:
    """Run a decision; why it cannot be kept becomes a sentence, where no command does that."""
    try:
        decide()
    except AppError as error:
        announce_until(session, "error", str(error), session.image_shown, session.work_changed)


def _whose(there: tuple[Annotation, ...]) -> str:
    """ "yours", "the one from AI", "the imported one", "the 2 that are there"."""
    if len(there) > 1:
        return f"the {len(there)} that are there"
    return {Origin.PERSON: "yours", Origin.IMPORTED: "the imported one"}.get(there[0].origin, "the one from AI")
