"""The cases of an import that are complete then, in the reading of each reader whom it names."""

from collections.abc import Iterator, Mapping, Sequence

from viewer.core.edits import CaseStatusChange, LabelChange
from viewer.core.shapes.annotations import CaseStatus
from viewer.exchange.importer import Outcome, Remark
from viewer.exchange.plan import Plan
from viewer.exchange.plan_store import EVERY_READER
from viewer.exchange.settling.open_series import STAYS_OPEN
from viewer.project.label_history import later_labels
from viewer.project.project import Project
from viewer.project.readings import Reading, readings_of_round
from viewer.project.records import ImageRecord

COMPLETE_AGAIN = "complete again"  # the rule of the remark about cases that were complete before a label was one


class CasesOfPlan:
    """records: the images of the project with those that come. rounds: the round of each reader of the plan."""

    def __init__(self, project: Project, plan: Plan, records: Sequence[ImageRecord], rounds: Mapping[int, str]) -> None:
        self._project = project
        self._plan = plan
        self._records = records
        self._rounds = rounds
        self._named = {reader: self._named_by(reader) for reader in rounds} if plan.complete else {}
        self._there: dict[str, dict[str, Reading]] = {
            round_id: readings_of_round(project.database, round_id) for round_id in rounds.values()
        }

    def completed(self) -> tuple[list[CaseStatusChange], int]:
        """The cases that become complete, and how many stay open because something of them was left out."""
        changes: list[CaseStatusChange] = []
        left_open = 0
        for reader, (cases, in_part) in self._named.items():
            self._say_in_part(in_part)
            round_id = self._rounds[reader]
            for case_id, is_open in cases.items():
                left_open += is_open
                status, comment = self._state(round_id, case_id)
                if not is_open and not status.is_done:
                    changes.append(
                        CaseStatusChange(
                            case_id=case_id, before=status, after=CaseStatus.COMPLETE, round_id=round_id,
                            comment_before=comment if status is CaseStatus.RETURNED else "",
                        )
                    )  # fmt: skip
        return changes, left_open

    def completed_again(self, new_labels: Sequence[LabelChange]) -> list[CaseStatusChange]:
        """Cases that were complete before a label was one: said to be complete now, they are so with that label too.

        A set that was imported as complete before another one brought its labels was not asked for those, so a
        snapshot of an exclusive task over both leaves it out, and names this way in.
        """
        brought = [change.after.name for change in new_labels if change.after is not None]
        found: dict[tuple[str, str], CaseStatus] = {}
        missed: dict[str, None] = {}
        for reader, (cases, _) in self._named.items():
            round_id = self._rounds[reader]
            asked = [case_id for case_id, is_open in cases.items() if not is_open]
            later = self._later(round_id, asked)
            for case_id in asked:
                status, _comment = self._state(round_id, case_id)
                if (later[case_id] or brought) and status.is_done:
                    found[round_id, case_id] = status
                    missed |= dict.fromkeys((*later[case_id], *brought))
        if found:
            were = "1 case was" if len(found) == 1 else f"{len(found)} cases were"
            labels = ", ".join(missed)
            sentence = f"{were} complete before {labels}; this import says that nothing of it is missing there either."
            remark = Remark(outcome=Outcome.NOTE, sentence=sentence, rule=COMPLETE_AGAIN, count=len(found))
            self._plan.store.remark(remark)
        return [
            CaseStatusChange(case_id=case_id, before=status, after=status, round_id=round_id)
            for (round_id, case_id), status in found.items()
        ]

    def _later(self, round_id: str, case_ids: Sequence[str]) -> dict[str, list[str]]:
        later: dict[str, list[str]] = {case_id: [] for case_id in case_ids}
        for scope in ("region", "image"):
            labels = [label.name for label in self._project.labels if label.scope == scope]
            for case_id, names in later_labels(self._project.database, scope, labels, round_id).items():
                later.get(case_id, []).extend(names)
        return later

    def _state(self, round_id: str, case_id: str) -> tuple[CaseStatus, str]:
        reading = self._there[round_id].get(case_id)
        return (CaseStatus.TO_DO, "") if reading is None else (reading.state, reading.comment)

    def _say_in_part(self, in_part: Mapping[str, ImageRecord]) -> None:
        if in_part:
            first = next(iter(in_part.values()))
            stay = f"{len(in_part)} cases stay" if len(in_part) > 1 else "1 case stays"
            sentence = f"{stay} open, since the import does not name all their images; of the first, not {first.path}."
            remark = Remark(outcome=Outcome.NOTE, sentence=sentence, rule=STAYS_OPEN, count=len(in_part))
            self._plan.store.remark(remark)

    def _named_by(self, reader: int) -> tuple[dict[str, bool], dict[str, ImageRecord]]:
        """(whether each case that a reader names stays open, an image of each that they name in part only)."""
        query = "SELECT image_id FROM images JOIN recorded ON recorded.name = images.name WHERE reader = ?"
        named = set(self._ids(query, reader))
        query = "SELECT image_id FROM open WHERE reader IN (?, ?) UNION SELECT image_id FROM held_back"
        opened = set(self._ids(query, reader, EVERY_READER))
        cases: dict[str, bool] = {}
        for record in self._records:
            if record.image_id in named:
                cases[record.case_id] = cases.get(record.case_id, False) or record.image_id in opened
        in_part = {one.case_id: one for one in self._records if one.image_id not in named and one.case_id in cases}
        return cases | dict.fromkeys(in_part, True), in_part

    def _ids(self, query: str, *values: int) -> Iterator[str]:
        return (row[0] for row in self._plan.store.sql.execute(query, values))
