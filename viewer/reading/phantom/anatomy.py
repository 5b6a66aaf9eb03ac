"""Who the phantom patients are: sizes, organs, vessels and nodules drawn from a seed.

Patient points are (x_mm, y_mm, z_mm) LPS with the origin in the middle of the chest: x to the patient's left, y to the
back, z to the head.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Ellipsoid:
    """center_mm and half_axes_mm are (x, y, z)."""

    center_mm: tuple[float, float, float]
    half_axes_mm: tuple[float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Nodule:
    """A soft-tissue ball in a lung."""

    center_mm: tuple[float, float, float]
    radius_mm: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Vessel:
    """A straight piece of a pulmonary vessel, thinner at its end."""

    start_mm: tuple[float, float, float]
    end_mm: tuple[float, float, float]
    radius_mm: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Anatomy:
    """One patient. lungs: (right, left). Sizes lie in the range of adults; the proportions are schematic."""

    patient_id: str
    sex: str
    age_years: int
    body: Ellipsoid
    lungs: tuple[Ellipsoid, Ellipsoid]
    heart: Ellipsoid
    diaphragm_mm: tuple[float, float]
    rib_spacing_mm: float
    rib_phase_mm: float
    vessels: tuple[Vessel, ...]
    nodules: tuple[Nodule, ...]


def draw_anatomy(index: int, *, seed: int, nodules: int | None = None) -> Anatomy:
    """Patient number `index` (0-based) of a seed; the same two numbers give the same patient.

    nodules: how many; None draws none (in two patients of five) to three.
    """
    rng = np.random.default_rng((seed, index, 7))
    size = float(rng.normal(1.0, 0.05))
    wide = float(rng.normal(1.0, 0.05))
    sex = "F" if rng.random() < 0.5 else "M"
    half_x, half_y = 165 * size * wide, 112 * size / wide
    body = Ellipsoid(center_mm=(0, 0, 0), half_axes_mm=(half_x, half_y, 400))
    top = float(rng.normal(8, 5))
    right = Ellipsoid(
        center_mm=(-half_x * 0.45, float(rng.normal(2, 3)), top),
        half_axes_mm=(half_x * 0.34, half_y * 0.70, 118 * size),
    )
    left = Ellipsoid(
        center_mm=(half_x * 0.46, float(rng.normal(2, 3)), top),
        half_axes_mm=(half_x * 0.32, half_y * 0.69, 116 * size),
    )
    swell = float(rng.normal(1.0, 0.09))
    heart = Ellipsoid(
        center_mm=(half_x * 0.17, -half_y * 0.24, -38 * size),
        half_axes_mm=(58 * size * swell, 46 * size * swell, 58 * size),
    )
    right_dome = float(rng.normal(-42, 5)) * size
    lungs = (right, left)
    count = nodules if nodules is not None else int(rng.choice([0, 0, 1, 2, 3]))
    anatomy = Anatomy(
        patient_id=f"PH-{index + 1:03d}",
        sex=sex,
        age_years=int(rng.integers(35, 86)),
        body=body,
        lungs=lungs,
        heart=heart,
        diaphragm_mm=(right_dome, right_dome - float(rng.normal(14, 4))),
        rib_spacing_mm=float(rng.normal(25, 1.2)) * size,
        rib_phase_mm=float(rng.uniform(0, 25)),
        vessels=tuple(v for lung in lungs for v in _vessel_tree(lung, rng)),
        nodules=(),
    )
    return _with_nodules(anatomy, count, rng)


def in_aerated_lung(
    anatomy: Anatomy, x: NDArray[np.floating], y: NDArray[np.floating], z: NDArray[np.floating]
) -> NDArray[np.float32]:
    """How far inside aerated lung points lie, in mm, negative outside; a distance only near the edge.

    x, y, z: coordinates in mm that broadcast together.
    """
    best: NDArray[np.float32] | None = None
    for lung, dome in zip(anatomy.lungs, anatomy.diaphragm_mm, strict=True):
        depth = np.minimum(ellipsoid_depth_mm(lung, x, y, z), _above_dome_mm(lung, dome, x, y, z))
        best = depth if best is None else np.maximum(best, depth)
    assert best is not None
    return np.asarray(np.minimum(best, -ellipsoid_depth_mm(anatomy.heart, x, y, z) - 1.5), np.float32)


def ellipsoid_depth_mm(
    part: Ellipsoid, x: NDArray[np.floating], y: NDArray[np.floating], z: NDArray[np.floating]
) -> NDArray[np.float32]:
    """Depth under the surface in mm (first order), negative outside."""
    (cx, cy, cz), (ax, ay, az) = part.center_mm, part.half_axes_mm
    radius = np.sqrt(((x - cx) / ax) ** 2 + ((y - cy) / ay) ** 2 + ((z - cz) / az) ** 2)
    return np.asarray((1.0 - radius) * min(ax, ay, az), np.float32)


def _above_dome_mm(
    lung: Ellipsoid, dome_mm: float, x: NDArray[np.floating], y: NDArray[np.floating], z: NDArray[np.floating]
) -> NDArray[np.float32]:
    """Height over the diaphragm: highest in the middle of each lung, falling off to the ribs and to the back."""
    (cx, cy, _), (ax, ay, _) = lung.center_mm, lung.half_axes_mm
    fall = 42 * ((x - cx) / ax) ** 2 + 48 * ((y - cy + 0.35 * ay) / ay) ** 2
    return np.asarray(z - (dome_mm - fall), np.float32)


def _vessel_tree(lung: Ellipsoid, rng: np.random.Generator) -> list[Vessel]:
    """Branches from the hilum outwards; radii shrink by Murray's law (a parent's cube is the sum of its children's)."""
    cx, cy, cz = lung.center_mm
    ax, ay, az = lung.half_axes_mm
    inward = -np.sign(cx)
    hilum = np.array([cx + inward * ax * 0.75, cy + 0.05 * ay, cz - 0.05 * az])
    tree: list[Vessel] = []
    front = [(hilum, _unit(np.array([-inward, 0.0, z])), 5.0) for z in (0.9, 0.1, -0.9)]
    for _ in range(7):
        grown = []
        for start, direction, radius in front:
            end = start + direction * radius * 5.0
            tree.append(Vessel(start_mm=_point(start), end_mm=_point(end), radius_mm=radius))
            for _ in range(2):
                turn = _unit(direction + rng.normal(0, 0.55, 3))
                grown.append((end, turn, radius * 0.79))
        front = grown
    return tree


def _with_nodules(anatomy: Anatomy, count: int, rng: np.random.Generator) -> Anatomy:
    from dataclasses import replace

    placed: list[Nodule] = []
    while len(placed) < count:
        lung = anatomy.lungs[int(rng.integers(2))]
        radius = float(rng.uniform(6, 14))
        offset = _unit(rng.normal(size=3)) * float(rng.random()) ** (1 / 3)
        center = np.asarray(lung.center_mm) + offset * np.asarray(lung.half_axes_mm)
        x, y, z = (np.asarray([c]) for c in center)
        far = all(np.linalg.norm(center - n.center_mm) > radius + n.radius_mm + 12 for n in placed)
        if far and float(in_aerated_lung(anatomy, x, y, z)[0]) > radius + 3 and abs(float(center[2])) < 110:
            placed.append(Nodule(center_mm=_point(center), radius_mm=radius))
    return replace(anatomy, nodules=tuple(placed))


def _unit(v: NDArray[np.floating]) -> NDArray[np.float64]:
    return np.asarray(v / np.linalg.norm(v), np.float64)


def _point(v: NDArray[np.floating]) -> tuple[float, float, float]:
    return (float(v[0]), float(v[1]), float(v[2]))
