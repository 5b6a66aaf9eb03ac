"""Why figures of one table have no interval: said once below it, where several lack it for the same reason."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from ml.metric_words import figure_text


class SharedReasons:
    """Of the figures of one table, as `figure_text` takes them."""

    def __init__(self, figures: Iterable[Mapping[str, Any]]) -> None:
        found = Counter(why for figure in figures if (why := _told(figure)))
        self._numbers = {why: number for number, why in enumerate((w for w, n in found.items() if n > 1), 1)}

    def cell(self, figure: Mapping[str, Any]) -> str:
        """A figure: "0.642, no interval (1)"; a reason of its own stays behind it."""
        text, why = figure_text(figure), _told(figure)
        number = self._numbers.get(why)
        return text if number is None else f"{text.removesuffix(f': {why}')} ({number})"

    @property
    def lines(self) -> list[str]:
        """What stands below the table: "(1) There are 9 patients, and it takes 10."."""
        return [f"({number}) {why[:1].upper()}{why[1:]}." for why, number in self._numbers.items()]


def _told(figure: Mapping[str, Any]) -> str:
    """The reason, where it is told behind the figure."""
    why = str(figure.get("why") or "")
    return why if why and figure_text(figure).endswith(f": {why}") else ""
