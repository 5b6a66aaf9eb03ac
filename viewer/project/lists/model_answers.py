"""How much of what a model has answered lies in a project, and how much of it was decided on."""

from dataclasses import dataclass

from sqlalchemy import func, select

from viewer.core.shapes.annotations import Decision
from viewer.project.project import Project
from viewer.project.store.schema import decisions, predictions, proposals


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelAnswers:
    """answers: predictions that are kept. decided: proposals of them that a person has decided on, in any round."""

    answers: int = 0
    decided: int = 0


def answers_of_model(project: Project, model_hash: str) -> ModelAnswers:
    """Of this very model; none of one without a hash."""
    if not model_hash:
        return ModelAnswers()
    kept = select(func.count()).select_from(predictions).where(predictions.c.model_hash == model_hash)
    decided = (
        select(func.count(decisions.c.proposal_id.distinct()))
        .join(proposals, proposals.c.proposal_id == decisions.c.proposal_id)
        .join(predictions, predictions.c.prediction_id == proposals.c.prediction_id)
        .where(predictions.c.model_hash == model_hash, decisions.c.decision != Decision.UNDECIDED.value)
    )
    with project.database.reading() as connection:
        return ModelAnswers(
            answers=int(connection.execute(kept).scalar_one()), decided=int(connection.execute(decided).scalar_one())
        )
