"""The curves of the report: ROC and precision with the operating point, reliability; of one label at a time."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPixmap, QResizeEvent
from PySide6.QtWidgets import QLabel, QWidget

from ml.evaluation.curves import LOSS, Curve, curve_words, read_curves
from viewer.ui.look.chips import Paragraph
from viewer.ui.look.choice_box import ChoiceBox
from viewer.ui.look.curve_image import SHARP, curve_image
from viewer.ui.look.flow_layout import FlowLayout
from viewer.ui.look.plain_text import add_choices, plain_label, set_name, set_text, set_tip
from viewer.ui.run_page.card import Card, Told

if TYPE_CHECKING:
    from viewer.ui.flows.desk import Desk

GAP_PX, LEAST_PX = 12, 200


class Pictures(QWidget):
    """Pictures beside each other as far as there is room, as high as they need."""

    def __init__(self) -> None:
        super().__init__()
        self._flow = FlowLayout(GAP_PX)
        self.setLayout(self._flow)
        self.shown: list[QLabel] = []

    def show_pictures(self, pictures: list[tuple[QPixmap, str]]) -> None:
        """Show these, each with what it shows in words."""
        while len(self.shown) < len(pictures):
            label: QLabel = plain_label("")
            label.setScaledContents(True)
            self._flow.addWidget(label)
            self.shown.append(label)
        for place, shown in enumerate(self.shown):
            shown.setVisible(place < len(pictures))
            if place < len(pictures):
                picture, words = pictures[place]
                shown.setPixmap(picture)
                set_name(shown, words)
                set_tip(shown, words)
        self._fit()

    def _fit(self) -> None:
        """No picture is wider than the room there is."""
        for label in self.shown:
            whole = label.pixmap().deviceIndependentSize()
            if not whole.isEmpty():
                share = min(1.0, max(1, self.width()) / whole.width())
                label.setFixedSize((whole * share).toSize())
        self.updateGeometry()

    def hasHeightForWidth(self) -> bool:
        return False

    def sizeHint(self) -> QSize:
        return QSize(LEAST_PX, self._flow.heightForWidth(max(1, self.width())))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._fit()


class DrawnCard(Card):
    """Seen once there is a report with curves."""

    title = "Curves on the test part"

    def __init__(self, session: "Desk") -> None:
        super().__init__(session)
        self._curves: tuple[Curve, ...] = ()
        self.choice = ChoiceBox()
        set_name(self.choice, "Of which label")
        self.head.addWidget(self.choice)
        self.choice.currentIndexChanged.connect(lambda _: self._draw())
        self.pictures, self.words = Pictures(), Paragraph("caption")
        self.body.addWidget(self.pictures, 0, Qt.AlignmentFlag.AlignTop)
        self.body.addWidget(self.words)
        session.theme_changed.connect(lambda _: self._draw())

    def tell(self, told: Told) -> None:
        """The curves of the report; the losses stand above already."""
        facts = told.facts
        document = None if facts is None else facts.report
        curves = () if document is None else read_curves(document["curves"], "the report")
        curves = tuple(one for one in curves if one.kind != LOSS)
        self.setVisible(bool(curves))
        if curves == self._curves:
            return
        self._curves = curves
        labels = list(dict.fromkeys(one.of for one in curves))
        self.choice.blockSignals(True)
        self.choice.clear()
        add_choices(self.choice, labels)
        self.choice.blockSignals(False)
        self.choice.setVisible(len(labels) > 1)
        self.say_beside(labels[0] if len(labels) == 1 else "")
        self._draw()

    def _draw(self) -> None:
        of = self.choice.currentData()
        drawn = [one for one in self._curves if one.of == of]
        self.pictures.show_pictures([(self._picture(one), curve_words(one)) for one in drawn])
        set_text(self.words, " ".join(map(curve_words, drawn)))

    def _picture(self, curve: Curve) -> QPixmap:
        pixmap = QPixmap.fromImage(curve_image(curve, self._session.theme))
        pixmap.setDevicePixelRatio(SHARP)
        return pixmap
