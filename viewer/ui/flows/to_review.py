"""From a run to reviewing with its model."""

from typing import TYPE_CHECKING

from viewer.ui.state.announcing import announce_until

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from viewer.jobs.runs import RunState
    from viewer.ui.flows.desk import Desk


def review_with(session: "Desk", run: "RunState") -> None:
    """Go to Review AI and ask this run's model there."""
    asking = session.review.asking
    found = next((choice for choice in asking.models if choice.folder == run.folder), None)
    if found is not None:
        asking.choose_model(found)
    session.set_workspace("review")
    session.snapshots.when_read(lambda: _say_seen(session, run))


def review_with_folds(session: "Desk", folds: "Sequence[RunState]") -> None:
    """Keep the folds as one model, then go to Review AI and ask it there."""
    project = session.project

    def keep() -> "Path":
        from viewer.jobs.folds import keep_folds

        return keep_folds(folds)

    def kept(folder: "Path") -> None:
        asking = session.review.asking

        def choose() -> None:
            found = next((choice for choice in asking.models if choice.folder.name == folder.name), None)
            if found is None and session.project is project:
                return  # an older look for models
            asking.models_found.disconnect(choose)
            if found is not None:
                asking.choose_model(found)
                session.set_workspace("review")
                words = f"{found.title} is kept, and asked from now on: the mean of what {len(folds)} networks say."
                session.announced.emit("done", words)

        asking.models_found.connect(choose)
        asking.find_models()

    session.run_in_background(keep, kept, session.announce_failure)


def open_judged(session: "Desk", run: "RunState", image_id: str) -> None:
    """Show a case that a run was judged on, in Review AI with this run's model and with its part marked."""
    snapshot_id = run.recipe.get("snapshot_id")
    if isinstance(snapshot_id, str) and any(row.id == snapshot_id for row in session.snapshots.rows):
        session.snapshots.choose(snapshot_id)
    review_with(session, run)
    session.show_image(image_id)


def _say_seen(session: "Desk", run: "RunState") -> None:
    """That the model has learnt from the case that is shown, and where the held-out ones are."""
    shown, parts = session.shown, session.snapshots.parts
    if shown is None or shown.case_id is None or parts is None or parts.snapshot_id != run.recipe.get("snapshot_id"):
        return
    part = session.snapshots.word(shown.case_id)
    if part in ("train", "validation"):
        words = (
            f"This case is in the {part} part of this model. “Show its test cases” in the menu Dataset lists those "
            "that it has not seen."
        )
        announce_until(session, "info", words, session.image_shown, session.workspace_changed, session.project_opened)
