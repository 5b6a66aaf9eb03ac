"""Which part of an image a view shows, how large and how turned."""

from dataclasses import dataclass

from viewer.core.geometry import Spacing, ViewTransform

MIN_ZOOM, MAX_ZOOM = 0.02, 64.0


@dataclass(slots=True, kw_only=True)
class Camera:
    """Zoom, middle, turn and flip, kept over the frames of a series.

    zoom: device pixels per image pixel, along the axis with the finer spacing. fits: follow the view's size.
    center_x_px, center_y_px: the image point in the middle. rows, cols, aspect_x, aspect_y: the frame's size and how
    much wider or taller than the finer axis a pixel is. area_px: the part that counts as the whole image when fitting
    (a presentation state's displayed area), None for all of it.
    """

    rows: int = 1
    cols: int = 1
    aspect_x: float = 1.0
    aspect_y: float = 1.0
    zoom: float = 1.0
    fits: bool = True
    center_x_px: float = 0.5
    center_y_px: float = 0.5
    quarter_turns: int = 0
    flipped: bool = False
    area_px: tuple[float, float, float, float] | None = None

    def set_frame(self, shape: tuple[int, ...], spacing: Spacing | None, *, pixel_aspect: float = 1.0) -> None:
        """Another frame. One of the same size keeps zoom and middle; else the image is fitted again.

        shape: (row, col[, 3]). pixel_aspect: height of a pixel over its width, for an image without a spacing (PS3.3
        C.7.6.3.1.7).
        """
        rows, cols = shape[:2]
        row_mm, col_mm = (spacing.row_mm, spacing.col_mm) if spacing is not None else (pixel_aspect, 1.0)
        finer = min(row_mm, col_mm)
        # Spacings that differ by rounding only are square: 1:1 must stay 1:1.
        aspects = (col_mm / finer, row_mm / finer) if abs(row_mm - col_mm) > 1e-3 * finer else (1.0, 1.0)
        if (rows, cols, *aspects) != (self.rows, self.cols, self.aspect_x, self.aspect_y):
            self.fit()
        self.rows, self.cols = rows, cols
        self.aspect_x, self.aspect_y = aspects

    def sees_as(self, other: "Camera") -> bool:
        """Whether both are of frames of one size and shape of pixel, so that a place in the one is one in the other."""
        mine = self.rows, self.cols, self.aspect_x, self.aspect_y
        return mine == (other.rows, other.cols, other.aspect_x, other.aspect_y)

    def transform(self, width: int, height: int) -> ViewTransform:
        """For a view of width x height device pixels. The image's corner lies on a device pixel's corner."""
        width, height = max(width, 1), max(height, 1)
        if self.fits:
            self.zoom = self.fitting_zoom(width, height)
            x0, y0, x1, y1 = self._area()
            self.center_x_px, self.center_y_px = (x0 + x1) / 2, (y0 + y1) / 2
        scale_x, scale_y = self.zoom * self.aspect_x, self.zoom * self.aspect_y
        view_x, view_y = (height, width) if self.quarter_turns % 2 else (width, height)
        return ViewTransform(
            view_width=width,
            view_height=height,
            scale_x=scale_x,
            scale_y=scale_y,
            center_x_px=_snapped(self.center_x_px, scale_x, view_x),
            center_y_px=_snapped(self.center_y_px, scale_y, view_y),
            quarter_turns=self.quarter_turns,
            flipped=self.flipped,
        )

    def fitting_zoom(self, width: int, height: int) -> float:
        """The zoom that shows the whole image, or the area that stands for it."""
        x0, y0, x1, y1 = self._area()
        wide, high = (x1 - x0) * self.aspect_x, (y1 - y0) * self.aspect_y
        if self.quarter_turns % 2:
            wide, high = high, wide
        return max(min(width / wide, height / high), 1e-4)

    def _area(self) -> tuple[float, float, float, float]:
        return self.area_px or (0.0, 0.0, float(self.cols), float(self.rows))

    def fit(self) -> None:
        """Show the whole image, also after the view's size changes."""
        self.fits, self.area_px = True, None

    def fit_area(self, area_px: tuple[float, float, float, float] | None) -> None:
        """Show a part of the image as large as it goes, (x0_px, y0_px, x1_px, y1_px); None: all of it."""
        self.fits, self.area_px = True, area_px

    def one_to_one(self) -> None:
        """One device pixel per image pixel."""
        self.zoom, self.fits = 1.0, False

    def pan_by(self, transform: ViewTransform, right: float, down: float) -> None:
        """Move the image by device pixels. Half of the view at most may run empty."""
        x0, y0 = transform.to_image(0, 0)
        x1, y1 = transform.to_image(right, down)
        self.center_x_px = min(max(self.center_x_px - (x1 - x0), 0.0), float(self.cols))
        self.center_y_px = min(max(self.center_y_px - (y1 - y0), 0.0), float(self.rows))
        self.fits = False

    def zoom_by(self, transform: ViewTransform, factor: float, at: tuple[float, float]) -> None:
        """Zoom so that the image point under `at` (device pixels) stays there."""
        smallest = min(MIN_ZOOM, self.fitting_zoom(transform.view_width, transform.view_height))
        zoom = min(max(self.zoom * factor, smallest), MAX_ZOOM)
        x_px, y_px = transform.to_image(*at)
        share = self.zoom / zoom
        self.center_x_px = x_px + (transform.center_x_px - x_px) * share
        self.center_y_px = y_px + (transform.center_y_px - y_px) * share
        self.zoom, self.fits = zoom, False

    def turn(self, quarters: int) -> None:
        """Turn what is on the screen clockwise."""
        self.quarter_turns = (self.quarter_turns + quarters) % 4

    def flip(self) -> None:
        """Mirror what is on the screen left to right, whatever the turn."""
        self.flipped = not self.flipped
        # The transform flips before it turns; after an odd turn a left-right mirror is a half turn more.
        if self.quarter_turns % 2:
            self.quarter_turns = (self.quarter_turns + 2) % 4


def _snapped(center_px: float, scale: float, view: int) -> float:
    """The nearest middle that puts image coordinate 0 on the edge of a device pixel."""
    origin = round(view / 2 - center_px * scale)
    return (view / 2 - origin) / scale
