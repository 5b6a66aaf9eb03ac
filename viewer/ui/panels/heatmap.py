"""Heatmap: which class is explained how, and what is known of the map's worth, beside its numbers."""

from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QSlider, QVBoxLayout, QWidget

from ml.explain.cam import methods
from viewer.core.compose import HEAT_HIDE_BELOW
from viewer.core.edits import Edit, LabelChange
from viewer.core.heat import NO_EVIDENCE, NOT_CHECKED_MEANS, HeatMap
from viewer.ui.flows.findings import short_model
from viewer.ui.flows.heat_state import why_no_layer
from viewer.ui.look.chips import KeyChip, Paragraph, separator, text_label
from viewer.ui.look.choice_box import ChoiceBox
from viewer.ui.look.colour_scale import scale_image
from viewer.ui.look.plain_text import add_choice, set_name, set_text, set_tip, tell_choice, words_width
from viewer.ui.look.row_painting import KeyButton, draw_text
from viewer.ui.state.latest import Latest
from viewer.ui.state.present_names import labels_as_called

if TYPE_CHECKING:
    from viewer.project.project import Project
    from viewer.ui.flows.desk import Desk

WIDE_PX = 340  # of the panel, at 100 % of text, from which on the button's whole words have room
LAYER_HELP = (
    "The layer that the map is read from. An earlier one has finer cells and knows less of the class; its map has a "
    "scale of its own."
)
LEAST_CLASS = 3  # letters of a class's name that are seen in the narrowest dock, beside the button


class ColorBar(QWidget):
    """From 0 to the top of the scale, which stands at its right with its unit; a mark is at the map's maximum."""

    def __init__(self, session: "Desk") -> None:
        super().__init__()
        self._session = session
        self.heat: HeatMap | None = None
        self.hide_below = HEAT_HIDE_BELOW
        self.fit()
        session.theme_changed.connect(self.fit)

    def fit(self, *_: object) -> None:
        """As high as its numbers."""
        self.setFixedHeight(self._session.theme.room(22))

    @property
    def words(self) -> str:
        """What stands beside the bar."""
        if self.heat is None:
            return ""
        if self.heat.maximum <= 0:
            return NO_EVIDENCE
        return self.heat.top_words

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.heat is None:
            return  # a bar from 0 to nothing says nothing
        painter = QPainter(self)
        icons, middle = self._session.icons, self.height() // 2
        left = draw_text(icons, painter, QRect(0, 0, 40, self.height()), "0", token="low") + 6
        wide = words_width(QFontMetrics(icons.theme.font(13, 600)), self.words)
        wide = max(76, min(wide + 1, 2 * self.width() // 3))
        room = QRect(self.width() - wide, 0, wide, self.height())
        bar = QRect(left, middle - 5, self.width() - left - wide - 8, 10)
        if self.heat.maximum > 0:
            draw_text(icons, painter, room, self.words, px=13, weight=600)
            painter.drawImage(bar, scale_image(bar.width()))
            hidden = QRect(bar)
            hidden.setWidth(round(bar.width() * self.hide_below))
            painter.fillRect(hidden, icons.theme.color("panel"))
            painter.setPen(icons.theme.color("line2"))
            painter.drawRect(bar.adjusted(0, 0, -1, -1))
            place = bar.left() + round((bar.width() - 1) * min(1.0, self.heat.maximum / self.heat.top))
            painter.fillRect(QRect(place - 1, bar.top() - 4, 3, bar.height() + 8), icons.theme.color("panel"))
            painter.fillRect(QRect(place, bar.top() - 4, 1, bar.height() + 8), icons.theme.color("hi"))
        else:
            painter.setPen(icons.theme.color("line2"))
            painter.drawRect(bar.adjusted(0, 0, -1, -1))
        painter.end()


class HeatmapPanel(QWidget):
    """The settings and the facts of the map, at the right of Review AI."""

    title = "Heatmap"
    area = "right"
    workspaces = ("review",)

    def __init__(self, session: "Desk") -> None:
        super().__init__()
        self._session = session
        self.review = session.review
        self._films: dict[str, str] = {}  # names of files by image, "" while they are asked for and where none is known
        self._film = Latest(session, self._on_film, self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 8, 10, 8)
        layout.setSpacing(5)
        self.show_map = KeyButton(session.icons, "Show heatmap", key="M", icon="heatmap")
        self.show_map.setCheckable(True)
        self.bar = ColorBar(session)
        layout.addLayout(self._build_fields())
        layout.addWidget(separator())
        self.facts = Paragraph("caption")
        layout.addWidget(self.facts)
        self.worth = Paragraph("warn")
        layout.addWidget(self.worth)
        layout.addStretch(1)
        self._connect()
        self._show_labels()
        self._show_heat()
        self._show_settings()

    def _build_fields(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        self.label = ChoiceBox()
        self.label.setAccessibleName("Class")
        self.method = ChoiceBox()
        self.method.setAccessibleName("Method")
        for name, method in methods().items():
            add_choice(self.method, method.title, name, method.note)
        self.layer = ChoiceBox()
        self.layer.setAccessibleName("Layer")
        # What is asked stands in two rows, so that the numbers of the map are seen on a small screen too.
        for box in (self.label, self.method, self.layer):
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
            box.setMinimumContentsLength(LEAST_CLASS)
        first, second = QHBoxLayout(), QHBoxLayout()
        for row, name, box, beside in (
            (first, "Class", self.label, self.show_map), (second, "Method", self.method, self.layer),
        ):  # fmt: skip
            row.setSpacing(8)
            row.addWidget(box, 1)
            row.addWidget(beside, 1 if beside is self.layer else 0)
            place = grid.rowCount()
            grid.addWidget(text_label(name, "rowmid"), place, 0)
            grid.addLayout(row, place, 1)
            if box is self.label:  # in the lowest dock it is seen with the class that it is of
                grid.addWidget(self.bar, place + 1, 0, 1, 2)
        self.opacity, self.opacity_value, row_box = self._slider("Opacity", ("Minus", "Plus"))
        grid.addWidget(text_label("Opacity", "rowmid"), grid.rowCount(), 0)
        grid.addLayout(row_box, grid.rowCount() - 1, 1)
        self.hide_below, self.hide_below_value, row_box = self._slider("Hide below", ())
        grid.addWidget(text_label("Hide below", "rowmid"), grid.rowCount(), 0)
        grid.addLayout(row_box, grid.rowCount() - 1, 1)
        return grid

    def _slider(self, name: str, keys: tuple[str, ...]) -> tuple[QSlider, Any, QHBoxLayout]:
        slider = QSlider(Qt.Orientation.Horizontal)
        slider.setRange(0, 100)
        set_name(slider, name)
        slider.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        value = text_label("", "strong")
        value.setMinimumWidth(40)
        value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(slider, 1)
        row.addWidget(value)
        for key in keys:
            row.addWidget(KeyChip({"Minus": "−", "Plus": "="}.get(key, key), self._session.icons))
        return slider, value, row

    def _connect(self) -> None:
        review = self.review
        self.show_map.toggled.connect(lambda on: review.set_heat_on(on=on))
        self.label.activated.connect(lambda _: review.set_heat_class(self.label.currentData()))
        self.method.activated.connect(lambda _: review.set_heat_method(self.method.currentData()))
        self.layer.activated.connect(lambda _: review.set_heat_layer(self.layer.currentData()))
        self.opacity.valueChanged.connect(lambda value: review.map_settings.set_opacity(value / 100))
        self.hide_below.valueChanged.connect(lambda value: review.map_settings.set_hide_below(value / 100))
        review.heat_changed.connect(self._show_heat)
        review.map_settings.changed.connect(self._show_settings)
        # An answer that came, or another finding, may be of the map's own model, or of another.
        review.findings_changed.connect(self._show_facts)
        review.finding_selected.connect(self._show_facts)
        review.asking.model_chosen.connect(lambda _: self._show_labels())
        self._session.work_changed.connect(self._on_work_changed)
        self._session.project_opened.connect(lambda _: self._show_names())
        review.asking.asking_changed.connect(lambda _: self._show_heat())
        self._session.names_hidden_changed.connect(self._show_facts)

    def _show_labels(self) -> None:
        model = self.review.asking.model
        self.label.clear()
        labels = () if model is None else model.labels
        kind = "" if model is None else model.kind
        for label, name in zip(labels, labels_as_called(kind, labels, self.review.called), strict=True):
            add_choice(self.label, name, label, "" if name == label else f"The model calls it {label}")
        self._show_layers()
        may = model is not None and bool(model.cam_layer)
        self.show_map.setEnabled(may)
        why_not = "Choose a model first" if model is None else why_no_layer(model)
        set_tip(self.show_map, "Show the heatmap beside the plain image  M" if may else why_not)

    def _show_layers(self) -> None:
        """The model's own layer, which is known before any map; the others as soon as one has come."""
        review = self.review
        model = review.asking.model
        own = "" if model is None else model.cam_layer
        known = {layer.name: layer.words for layer in review.map_layers} if own else {}
        rows = [("", f"{known.get(own, own)} · the model's own" if own else "none"), *known.items()]
        offered = [(name, words) for name, words in rows if name != own or not own]
        if offered != [(self.layer.itemData(at), self.layer.itemText(at)) for at in range(self.layer.count())]:
            self.layer.clear()
            for name, words in offered:
                add_choice(self.layer, words, name)
        self.layer.setCurrentIndex(max(0, self.layer.findData(review.heat_layer)))
        self.layer.setEnabled(len(known) > 1)
        more = "" if known or not own else "\nIts other layers are listed once a map of it was shown."
        heat = review.heat if review.heat_on else None
        read = "" if heat is None else f"The map is read from “{heat.layer}” and has {heat.cell_words}. "
        tell_choice(self.layer, f"{read}{LAYER_HELP}{more}" if own else "No model with a heatmap is chosen.")

    def _on_work_changed(self, edit: Edit) -> None:
        if edit.has(LabelChange):
            self._show_names()

    def _show_names(self) -> None:
        """A class of the model may be called otherwise now, and another project has other films."""
        self._films.clear()
        self._show_labels()
        self._show_heat()

    def _show_heat(self) -> None:
        review = self.review
        self.show_map.blockSignals(True)
        self.show_map.setChecked(review.heat_on)
        self.show_map.blockSignals(False)
        self._say_verb()
        if review.heat_label:
            self.label.setCurrentIndex(self.label.findData(review.heat_label))
        tell_choice(self.label)
        heat = review.heat if review.heat_on else None
        self.bar.heat = heat
        set_name(self.bar, self.bar.words)
        self.bar.update()
        self._show_facts()
        set_text(self.worth, "" if heat is None else heat.checks)
        self.worth.setVisible(bool(self.worth.text()))
        set_tip(self.worth, "" if heat is None else NOT_CHECKED_MEANS)
        self._show_layers()

    def _show_facts(self, *_: object) -> None:
        """The map's numbers; and whose it is, where the finding that is decided on beside it is another model's."""
        review = self.review
        heat = review.heat if review.heat_on else None
        facts, selected = heat_facts(heat, self.label.currentText(), self._scale_film(heat)), review.selected
        said = selected.prediction if selected is not None else review.prediction
        if heat is not None and said is not None and said.model_hash != heat.model_hash:
            titles = (one.title for one in review.asking.models if one.model_hash == heat.model_hash)
            chosen = review.asking.model
            own = chosen.title if chosen is not None and chosen.model_hash == heat.model_hash else "another model"
            facts = f"Map of {next(titles, own)}, finding of {short_model(said.model_name, review.called)}. {facts}"
        set_text(self.facts, facts)
        set_tip(self.facts, "" if heat is None else heat.unit_help)

    def _scale_film(self, heat: HeatMap | None) -> str:
        """The film that reached the top of the scale, "" where it is not known here; which one is asked for once."""
        image_id = "" if heat is None else heat.scale_image
        if not image_id:
            return ""
        if image_id not in self._films:
            self._films[image_id] = ""
            self._film.ask(partial(_film_of, image_id=image_id))
        film = self._films[image_id]
        return "of this project, names hidden" if film and self._session.names_hidden else film

    def _on_film(self, found: tuple[str, str]) -> None:
        self._films[found[0]] = found[1]
        self._show_facts()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._say_verb()

    def _say_verb(self) -> None:
        """What the button does; in one word where the class beside it would be cut."""
        verb = "Hide" if self.review.heat_on else "Show"
        self.show_map.set_words(f"{verb} heatmap" if self.width() >= self._session.theme.px(WIDE_PX) else verb)

    def _show_settings(self) -> None:
        drawn = self.review.map_settings
        for slider, value, words in (
            (self.opacity, drawn.opacity, self.opacity_value),
            (self.hide_below, drawn.hide_below, self.hide_below_value),
        ):
            slider.blockSignals(True)
            slider.setValue(round(value * 100))
            slider.blockSignals(False)
            set_text(words, f"{value * 100:.0f} %")
        self.bar.hide_below = drawn.hide_below
        self.bar.update()


def _film_of(project: "Project", image_id: str) -> tuple[str, str]:
    """(the image's id, its file's name; "" of one that the project does not know)."""
    return image_id, next((record.path.name for record in project.images.noted([image_id])), "")


def heat_facts(heat: HeatMap | None, name: str, film: str = "") -> str:
    """The unscaled maximum with its unit, the true grid, the scale, and which other methods say just the same.

    name: what its class is called now. film: the one whose map reached the top of the scale.
    """
    if heat is None:
        return "No map is shown."
    grid = f"{heat.cell_words} stretched over the image"
    label = f"No positive evidence for {name}" if heat.maximum <= 0 else name
    scale = f"{heat.scale_words}: {film}" if film and not heat.has_own_scale else heat.scale_words
    facts = " · ".join(part for part in (label, f"maximum {heat.maximum_words}", grid, scale) if part)
    return f"{facts}. {heat.same_words}" if heat.same_words else facts
