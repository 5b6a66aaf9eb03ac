"""How a finding stands in the list, and the class probabilities above it."""

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem, QWidget

from viewer.core.deciding import score_words
from viewer.core.labels import LABEL_COLORS, Verdict
from viewer.core.shapes.annotations import Decision, Prediction
from viewer.ui.flows.findings import STATE_WORDS, Finding, why_proposed
from viewer.ui.look.even_rows import CountedRows
from viewer.ui.look.plain_text import DISPLAY, FACTS, TIP, role_text, set_name, set_tip, words_width
from viewer.ui.look.row_painting import draw_icon, draw_row, draw_score, draw_swatch, draw_text, low

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from viewer.ui.flows.desk import Desk

Index = QModelIndex | QPersistentModelIndex
ROW_PX = 46
SAID = "said "  # by people: a bare "yes" below a model's scores read as its answer
MOST_BECAME = 14  # letters of what a finding was corrected to, beside where it is
NOTHING: "Mapping[str, str]" = MappingProxyType({})
SEEN_DOUBTS = {
    "trained on": "seen in training",
    "validated on": "seen in validation",
    "patient trained on": "patient seen in training",
    "patient validated on": "patient seen in validation",
}  # by `Prediction.seen`
# Decision: icon and token of the state word.
DECISION_LOOKS = {
    Decision.UNDECIDED: ("predict", "acc"),
    Decision.ACCEPTED: ("accept", "ok"),
    Decision.CORRECTED: ("correct", "ok"),
    Decision.REJECTED: ("reject", "low"),
}


class FindingModel(CountedRows):
    """The findings above the threshold, and those decided."""

    def __init__(
        self,
        replaces: "Callable[[Finding], str]" = lambda _: "",
        why: "Callable[[Finding], str]" = lambda _: "",
        score: "Callable[[Finding], str]" = lambda one: score_words(one.proposal.score),
    ) -> None:
        """replaces: what of the image's own labels accepting a finding would overwrite, "" for nothing. why: it is
        proposed now, "" where it is decided. score: in words."""
        super().__init__()
        self._score = score
        self._replaces, self._why = replaces, why
        self.findings: list[Finding] = []
        self._places: dict[str, int] | None = None  # row by proposal, once it was asked for

    def place(self, proposal_id: str) -> int | None:
        """The row of a proposal."""
        if self._places is None:
            self._places = {one.proposal.proposal_id: row for row, one in enumerate(self.findings)}
        return self._places.get(proposal_id)

    def set_findings(self, findings: list[Finding]) -> None:
        """Show other findings; those that were there keep their rows where further ones come in one place, as those of
        another image do."""
        before, self.findings, self._places = self.findings, findings, None
        first, after = _ends_alike(before, findings)
        more = len(findings) - len(before)
        if first + after < len(before) or not before:
            self.lay_rows(len(findings))
        elif more:
            self.put_rows(first, more)  # Qt paints all that are in sight again
        else:
            self.dataChanged.emit(self.index(0), self.index(len(findings) - 1))

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        finding = self.findings[index.row()]
        proposal = finding.proposal
        if role in (DISPLAY, TIP):
            outside = " · outside its domain" if finding.prediction.outside_domain else ""
            outside += f" · {finding.prediction.seen_words}" if finding.prediction.seen_words else ""
            replaced = self._replaces(finding)
            outside += f" · accepting it replaces {replaced}" if replaced else ""
            outside += f" · the model calls it {finding.model_label}" if finding.model_label else ""
            why = self._why(finding)
            return role_text(
                role,
                f"{proposal.label}, score {self._score(finding)}{f' ({why})' if why else ''}, "
                f"{STATE_WORDS[proposal.decision]}, {finding.place}, "
                f"proposed by {finding.model_title}{outside}",
            )
        return finding if role == Qt.ItemDataRole.UserRole else None


def _ends_alike(before: list[Finding], now: list[Finding]) -> tuple[int, int]:
    """How many rows are of the same proposals at the beginning, and how many of the others at the end."""
    most = min(len(before), len(now))
    first = last = 0
    while first < most and _is_alike(before[first], now[first]):
        first += 1
    while last < most - first and _is_alike(before[-1 - last], now[-1 - last]):
        last += 1
    return first, last


def _is_alike(one: Finding, other: Finding) -> bool:
    return one is other or one.proposal.proposal_id == other.proposal.proposal_id


class FindingDelegate(QStyledItemDelegate):
    """Swatch (dashed while proposed), label and place, score bar and number, state word."""

    def __init__(self, session: "Desk") -> None:
        super().__init__()
        self._session = session

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(220, self._session.theme.room(ROW_PX))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        finding: Finding = index.data(Qt.ItemDataRole.UserRole)
        proposal, icons, rect, state = finding.proposal, self._session.icons, option.rect, option.state
        draw_row(icons, painter, rect, state)
        rejected = proposal.decision is Decision.REJECTED
        room_px = icons.theme.room
        upper, lower, right = rect.top() + room_px(14), rect.top() + room_px(32), rect.right() - 10
        half = room_px(9)
        became = self._session.review.decisions.became(finding)
        color = icons.theme.hex("line2") if rejected else finding_color(self._session, became or proposal.label)
        dashed = proposal.decision is Decision.UNDECIDED
        draw_swatch(icons, painter, QRect(rect.left() + 12, rect.center().y() - 6, 13, 13), color, dashed=dashed)
        said_score = finding.score_words(self._session.review.threshold)
        score = draw_text(
            icons, painter, QRect(right - 40, upper - half, 40, 2 * half), said_score,
            weight=600, token=low(state) if rejected else "hi", right=True, whole=True,
        )  # fmt: skip
        bar = QRect(right - score - 62, upper - 2, 52, 5)
        draw_score(icons, painter, bar, proposal.score, "line2" if rejected else "hi")
        icon, token = DECISION_LOOKS[proposal.decision]
        token = low(state) if token == "low" else token
        word = STATE_WORDS[proposal.decision] + (f": {_short(became)}" if became else "")
        said = QRect(right - 90, lower - half, 90, 2 * half)
        width = draw_text(icons, painter, said, word, token=token, right=True, whole=True)
        draw_icon(icons, painter, right - width - 20, lower, icon, token)
        left = rect.left() + 36
        name = QRect(left, upper - half, bar.left() - left - 8, 2 * half)
        draw_text(icons, painter, name, proposal.label, px=13, weight=600,
                  token=low(state) if rejected else "hi", strike=rejected)  # fmt: skip
        doubts = ["outside its domain"] if finding.prediction.outside_domain else []
        doubts += [SEEN_DOUBTS[finding.prediction.seen]] if finding.prediction.seen_words else []
        replaced = self._session.review.decisions.replaces(finding)
        why = why_proposed(finding, self._session.review.threshold)
        # Of a label of the whole image the reason says more than that it is of it; of a shape its size comes first.
        told = [why, finding.place] if proposal.shape is None else [finding.place, why]
        place_room = QRect(left, lower - half, right - width - 26 - left, 2 * half)
        doubts = [f"replaces {replaced}"] * bool(replaced) + doubts
        place = _place_words(
            QFontMetrics(icons.theme.font(12)), doubts, [one for one in told if one], place_room.width()
        )
        token = "warn" if doubts else low(state)
        draw_text(icons, painter, place_room, place, token=token)


def _place_words(metrics: QFontMetrics, doubts: list[str], told: list[str], room_px: int) -> str:
    """What of a finding's second line has room: its doubts, which are cut where they must, then whole facts; half a
    reason is none. told: the more telling one first."""
    kept = list(doubts)
    for fact in told:
        if words_width(metrics, FACTS.join((*kept, fact))) <= room_px:
            kept.append(fact)
    return FACTS.join(kept)


def _short(name: str) -> str:
    """A label's name beside the state, which is drawn whole."""
    return name if len(name) <= MOST_BECAME else f"{name[: MOST_BECAME - 1]}…"


def finding_color(session: "Desk", name: str) -> str:
    """A label's colour in this project; one the project does not know takes a stable place in the palette."""
    for label in session.labels:
        if label.name == name:
            return label.color
    return LABEL_COLORS[sum(name.encode()) % len(LABEL_COLORS)]


class ScoreRows(QWidget):
    """Class probabilities of a classification: name, bar, number; the threshold as a line where a score is held
    against it, and what the answer says brighter. Below, what people have said of the image and no model has scored."""

    def __init__(self, session: "Desk") -> None:
        super().__init__()
        self._session = session
        self.scores: dict[str, float] = {}
        self.threshold = 0.5
        self.said: frozenset[str] = frozenset()
        self.cut: frozenset[str] = frozenset()
        self.numbers: dict[str, str] = {}  # the scores in words
        self.now: dict[str, Verdict] = {}
        self.told: dict[str, str] = {}  # what people said beside the scores, in words
        self._seen: tuple[object, ...] = ()  # all of it, as it was shown last
        session.theme_changed.connect(self._fit)

    def _fit(self, *_: object) -> None:
        """As high as its rows at this size of text."""
        self.setFixedHeight(self.rows_px(self._count))

    @property
    def _count(self) -> int:
        return len(self.scores) + len(self.told)

    def rows_px(self, count: int) -> int:
        """How high so many of its rows are at this size of text."""
        rows = min(count, self._count)
        return self._session.theme.room(24) * rows + 8 if rows else 0

    def sizeHint(self) -> QSize:
        return QSize(0, self.rows_px(self._count))

    def set_answer(
        self, answer: Prediction | None, threshold: float, now: "Mapping[str, Verdict]",
        answers: "Mapping[str, str]" = NOTHING,
    ) -> None:  # fmt: skip
        """Show the probabilities of another answer, or none. now: what is said of the image itself, by label; answers:
        what else is answered of it, by question."""
        scores = {} if answer is None else dict(answer.scores)
        self.scores, self.threshold = scores, threshold
        self.said = frozenset(() if answer is None else answer.rule.answer(scores, threshold))
        self.cut = frozenset(name for name in scores if answer is not None and answer.rule.is_cut(name))
        self.numbers = {name: score_words(it, threshold if name in self.cut else None) for name, it in scores.items()}
        self.now = {name: now[name] for name in scores if name in now}
        self.told = {name: verdict.value for name, verdict in now.items() if name not in scores} | dict(answers)
        seen = (scores, threshold, self.said, self.cut, self.now, self.told)
        if seen == self._seen:
            return
        self._seen = seen
        self._fit()
        self.setVisible(bool(self._count))
        words = [f"{name} {number}{self._now_words(name)}" for name, number in self.numbers.items()]
        words += [f"{name}: {SAID}{told}" for name, told in self.told.items()]
        set_name(self, ", ".join(words))
        set_tip(self, ", ".join(words) if self.now or self.told else "")
        self.update()

    def _now_words(self, name: str) -> str:
        """ " · now yes" of a label that somebody has answered on this image."""
        return f" · now {self.now[name].value}" if name in self.now else ""

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        icons = self._session.icons
        step = icons.theme.room(24)
        for place, (name, words) in enumerate(self.told.items(), len(self.scores)):
            room = QRect(12, 4 + step * place, self.width() // 2 - 20, step)
            draw_text(icons, painter, room, name)
            beside = QRect(self.width() // 2, room.top(), self.width() // 2 - 10, step)
            draw_text(icons, painter, beside, SAID + words, token="ok" if words == Verdict.YES.value else "mid")
        for place, (name, score) in enumerate(sorted(self.scores.items(), key=lambda item: -item[1])):
            middle = 4 + step * place + step // 2
            room = QRect(12, middle - step // 2, self.width() // 2 - 20, step)
            told = self._now_words(name).removeprefix(" · ")
            if told:  # what the image is said to be stands beside what the model says; the name gives way to it
                token = "ok" if self.now[name] is Verdict.YES else "low"
                room.setWidth(room.width() - draw_text(icons, painter, room, told, token=token, right=True) - 6)
            draw_text(icons, painter, room, name)
            bar = QRect(self.width() // 2, middle - 3, self.width() // 2 - icons.theme.room(62), 6)
            draw_score(icons, painter, bar, score, "hi" if name in self.said else "line2")
            if name in self.cut:
                line = bar.left() + round(bar.width() * self.threshold)
                painter.fillRect(QRect(line, middle - 6, 1, 12), icons.theme.color("acc"))
            number = QRect(self.width() - 52, middle - step // 2, 42, step)
            draw_text(icons, painter, number, self.numbers[name], weight=600, right=True, whole=True)
        painter.end()
