"""From an anatomy to Hounsfield units on a grid, and to films of it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from viewer.reading.phantom.anatomy import Anatomy, Nodule, Vessel, ellipsoid_depth_mm, in_aerated_lung

AIR_HU, FAT_HU, MUSCLE_HU, BLOOD_HU, LUNG_HU, NODULE_HU = -1000.0, -95.0, 50.0, 42.0, -855.0, 25.0
CORTEX_HU, MARROW_HU = 620.0, 220.0
# Linear attenuation of water at about 60 keV effective, per mm (NIST XCOM: 0.0206).
WATER_PER_MM = 0.0206

Volume = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """Voxel centres in mm: x_mm (cols), y_mm (rows), z_mm (slices), each 1-D and ascending."""

    x_mm: NDArray[np.float32]
    y_mm: NDArray[np.float32]
    z_mm: NDArray[np.float32]

    @classmethod
    def centred(cls, *, counts: tuple[int, int, int], steps_mm: tuple[float, float, float]) -> "Grid":
        """counts and steps are (slices, rows, cols); the grid lies around the origin."""
        z, y, x = (
            ((np.arange(n) - (n - 1) / 2) * step).astype(np.float32) for n, step in zip(counts, steps_mm, strict=True)
        )
        return cls(x_mm=x, y_mm=y, z_mm=z)

    @property
    def axes(self) -> tuple[Volume, Volume, Volume]:
        """(x, y, z) that broadcast to (slice, row, col)."""
        return self.x_mm[None, None, :], self.y_mm[None, :, None], self.z_mm[:, None, None]

    @property
    def steps_mm(self) -> tuple[float, float, float]:
        """(slice, row, col)."""
        return tuple(float(a[1] - a[0]) for a in (self.z_mm, self.y_mm, self.x_mm))  # type: ignore[return-value]


def volume_hu(anatomy: Anatomy, grid: Grid) -> Volume:
    """(slice, row, col) HU, without noise. Edges are one voxel soft, as a scanner's are."""
    x, y, z = grid.axes
    soft = max(grid.steps_mm[1:]) * 0.7
    body = ellipsoid_depth_mm(anatomy.body, x, y, z * 0)
    hu = np.full((len(grid.z_mm), len(grid.y_mm), len(grid.x_mm)), AIR_HU, np.float32)
    _blend(hu, FAT_HU, body, soft)
    _blend(hu, MUSCLE_HU, body - 9, soft)
    lung = in_aerated_lung(anatomy, x, y, z)
    # Blood sinks: the back of the lung is denser by about 80 HU.
    _blend(hu, LUNG_HU + 40 * y / anatomy.body.half_axes_mm[1], lung, soft)
    _blend(hu, BLOOD_HU, ellipsoid_depth_mm(anatomy.heart, x, y, z), soft)
    _bones(hu, anatomy, grid, soft)
    _great_vessels(hu, grid, soft)
    for vessel in anatomy.vessels:
        _vessel(hu, grid, vessel, lung)
    for nodule in anatomy.nodules:
        _nodule(hu, grid, nodule)
    return hu


def lung_mask(anatomy: Anatomy, grid: Grid) -> NDArray[np.bool_]:
    """(slice, row, col), True in aerated lung, vessels and nodules in it included."""
    return np.asarray(in_aerated_lung(anatomy, *grid.axes) > 0)


def add_couch(hu: Volume, grid: Grid, anatomy: Anatomy) -> None:
    """A carbon-fibre couch under the back, as CT pictures have."""
    x, y, _ = grid.axes
    top = anatomy.body.half_axes_mm[1] + 6 + (x / 210) ** 2 * -22
    shell = 2.0 - np.abs(np.minimum(y - top, 18 - (y - top)))
    inside = np.broadcast_to(np.where(np.abs(x) < 190, shell, -9), hu.shape)
    _blend(hu, -300.0, inside.astype(np.float32), 1.0)


def scanner_noise(shape: tuple[int, int, int], sigma_hu: float, rng: np.random.Generator) -> Volume:
    """(slice, row, col) noise with the ramp-and-rolloff spectrum of filtered back-projection, independent by slice."""
    _, rows, cols = shape
    f = np.hypot(np.fft.fftfreq(rows)[:, None], np.fft.rfftfreq(cols)[None, :])
    shape_f = (f * np.exp(-((f / 0.28) ** 2))).astype(np.float32)
    white = rng.standard_normal(shape, np.float32)
    noise = np.fft.irfft2(np.fft.rfft2(white, axes=(1, 2)) * shape_f, s=(rows, cols), axes=(1, 2)).astype(np.float32)
    return np.asarray(noise * (sigma_hu / float(noise.std())), np.float32)


def project_film(hu: Volume, grid: Grid) -> NDArray[np.float32]:
    """(row, col) line integrals from front to back (Beer-Lambert, parallel beam); row 0 is the head."""
    attenuation = np.maximum(hu + 1000.0, 0).sum(axis=1) * (WATER_PER_MM / 1000.0 * grid.steps_mm[1])
    return np.ascontiguousarray(attenuation[::-1].astype(np.float32))


def film_lung_mask(lung: NDArray[np.bool_], grid: Grid) -> NDArray[np.bool_]:
    """(row, col): where a ray crosses at least 25 mm of aerated lung. lung: (slice, row, col)."""
    return np.ascontiguousarray((lung.sum(axis=1) * grid.steps_mm[1] >= 25)[::-1])


def _blend(hu: Volume, value: float | Volume, depth_mm: NDArray[np.floating], soft_mm: float) -> None:
    """Put a value in where depth is positive, with a soft edge."""
    weight = np.clip(depth_mm / soft_mm + 0.5, 0, 1).astype(np.float32)
    hu += weight * (value - hu)


def _bones(hu: Volume, anatomy: Anatomy, grid: Grid, soft: float) -> None:
    x, y, z = grid.axes
    half_x, half_y, _ = anatomy.body.half_axes_mm
    ring_x, ring_y = half_x * 0.84, half_y * 0.80
    radius = np.sqrt((x / ring_x) ** 2 + (y / ring_y) ** 2)
    # A rib leaves the spine and comes forward lower by about two intercostal spaces.
    forward = 0.5 - 0.5 * y / ring_y / np.maximum(radius, 0.3)
    along = np.mod(z + 52 * forward + anatomy.rib_phase_mm, anatomy.rib_spacing_mm) - anatomy.rib_spacing_mm / 2
    across = (radius - 1) * (ring_x + ring_y) / 2
    rib = 1 - np.sqrt((across / 5.0) ** 2 + (along / 6.5) ** 2)
    rib = np.where((forward < 0.86) & (np.abs(x) > 14), rib * 5.0, -9).astype(np.float32)
    _blend(hu, CORTEX_HU, rib, soft)
    _blend(hu, MARROW_HU, rib - 2.2, soft)
    spine_y = half_y * 0.60
    disc = np.abs(np.mod(z + 11, 22) - 11) < 2.2
    vertebra = (18 - np.sqrt((x / 1.15) ** 2 + (y - spine_y) ** 2)).astype(np.float32)
    body = np.broadcast_to(vertebra, hu.shape)
    _blend(hu, np.where(disc, np.float32(80), np.float32(CORTEX_HU * 0.75)), body, soft)
    _blend(hu, np.where(disc, np.float32(80), np.float32(MARROW_HU)), body - 3, soft)
    arch = 4 - np.abs(np.sqrt(x**2 + (y - spine_y - 27) ** 2) - 12)
    _blend(hu, CORTEX_HU * 0.8, np.broadcast_to(arch, hu.shape).astype(np.float32), soft)
    sternum = np.minimum(17 - np.abs(x), 5.5 - np.abs(y + half_y * 0.80)) + 0 * z
    _blend(hu, MARROW_HU, np.where(z > -60, sternum, -9).astype(np.float32), soft)


def _great_vessels(hu: Volume, grid: Grid, soft: float) -> None:
    x, y, z = grid.axes
    aorta = (12.5 - np.sqrt((x - 22) ** 2 + (y - 38) ** 2)) + 0 * z
    _blend(hu, BLOOD_HU + 3, aorta.astype(np.float32), soft)
    trachea = 8.5 - np.sqrt(x**2 + (y - 12) ** 2)
    _blend(hu, AIR_HU + 15, np.where(z > 22, trachea, -9).astype(np.float32), soft)
    for side in (-1, 1):
        bronchus = 6.0 - np.sqrt((x - side * (22 - z) * 0.75) ** 2 + (y - 12) ** 2)
        _blend(hu, AIR_HU + 25, np.where((z <= 23) & (z > -22), bronchus, -9).astype(np.float32), soft)


def _window(axis: NDArray[np.float32], low: float, high: float) -> slice:
    return slice(int(np.searchsorted(axis, low)), int(np.searchsorted(axis, high)))


def _vessel(hu: Volume, grid: Grid, vessel: Vessel, lung: Volume) -> None:
    """A capsule; only the voxels around it are touched, and only inside the lung."""
    a, b = np.asarray(vessel.start_mm, np.float32), np.asarray(vessel.end_mm, np.float32)
    margin = vessel.radius_mm + 2
    low, high = np.minimum(a, b) - margin, np.maximum(a, b) + margin
    part = (
        _window(grid.z_mm, low[2], high[2]),
        _window(grid.y_mm, low[1], high[1]),
        _window(grid.x_mm, low[0], high[0]),
    )
    if any(p.stop <= p.start for p in part):
        return
    x, y, z = grid.x_mm[part[2]][None, None, :], grid.y_mm[part[1]][None, :, None], grid.z_mm[part[0]][:, None, None]
    d = b - a
    t = np.clip(((x - a[0]) * d[0] + (y - a[1]) * d[1] + (z - a[2]) * d[2]) / float(d @ d), 0, 1)
    away = np.sqrt((x - a[0] - t * d[0]) ** 2 + (y - a[1] - t * d[1]) ** 2 + (z - a[2] - t * d[2]) ** 2)
    depth = np.minimum(vessel.radius_mm * (1 - 0.2 * t) - away, lung[part])
    region = hu[part]
    # Vessels thinner than a voxel show as their share of it (partial volume).
    _blend(region, BLOOD_HU, depth.astype(np.float32), max(max(grid.steps_mm) * 0.7, vessel.radius_mm))


def _nodule(hu: Volume, grid: Grid, nodule: Nodule) -> None:
    cx, cy, cz = nodule.center_mm
    r = nodule.radius_mm
    m = r + 4
    part = (_window(grid.z_mm, cz - m, cz + m), _window(grid.y_mm, cy - m, cy + m), _window(grid.x_mm, cx - m, cx + m))
    x, y, z = grid.x_mm[part[2]][None, None, :], grid.y_mm[part[1]][None, :, None], grid.z_mm[part[0]][:, None, None]
    depth = r - np.sqrt((x - cx) ** 2 + (y - cy) ** 2 + (z - cz) ** 2)
    region = hu[part]
    _blend(region, NODULE_HU, depth.astype(np.float32), 2.0)
