"""What models have answered of the images of one case: read whole when it is shown, and one image when an answer came.

A series of hundreds of images is answered image by image: read again whole for each, the cost of one answer would grow
with those before it.
"""

from typing import TYPE_CHECKING

from viewer.ui.flows.findings import Finding, answer_of, case_findings
from viewer.ui.flows.present_names import Called, as_called

if TYPE_CHECKING:
    from viewer.core.shapes.annotations import Prediction
    from viewer.project.at_hand.values import AtHand
    from viewer.ui.flows.membership import Members
    from viewer.ui.state.shown import ShownImage


class CaseAnswers:
    """images: ids of the case, in order. findings: of all of them; predictions: the answer for each that has one.

    called: under which names both stand.
    """

    def __init__(self, members: "Members", called: Called) -> None:
        self._members, self._called = members, called
        self.clear()

    def clear(self) -> None:
        """Nothing is shown."""
        self.images: list[str] = []
        self.findings: list[Finding] = []
        self.predictions: dict[str, Prediction] = {}
        self._found: dict[str, tuple[Prediction, ...]] = {}

    def read(self, at_hand: "AtHand", shown: "ShownImage", model_hash: str) -> None:
        """Read the case of the shown image. model_hash: of the model that is chosen, "" for none."""
        if shown.case_id is None:
            self.images = self._members.asked_with(shown)
            self._found = {image_id: at_hand.work.predictions(image_id) for image_id in self.images}
        else:
            case = [record.image_id for record in at_hand.images.by_case(shown.case_id)]
            self.images = case or [one for one in (shown.image_id,) if one is not None]  # the rest is on its way
            answers = {image_id: at_hand.work.predictions(image_id) for image_id in self.images}
            self._found = {image_id: several for image_id, several in answers.items() if several}
        self._arrange(model_hash)

    def take(self, at_hand: "AtHand", shown: "ShownImage", image_id: str, model_hash: str) -> None:
        """An answer for one image was kept: only that image is read again."""
        if shown.case_id is None:
            self.images = self._members.asked_with(shown)
        if image_id in self.images:
            self._found[image_id] = at_hand.work.predictions(image_id)
            self._arrange(model_hash)

    def _arrange(self, model_hash: str) -> None:
        self.findings = case_findings(self.images, self._found, model_hash, called=self._called)
        answers = {image_id: answer_of(several, model_hash) for image_id, several in self._found.items()}
        self.predictions = {
            image_id: as_called(answer, self._called) for image_id, answer in answers.items() if answer is not None
        }
