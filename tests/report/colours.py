"""How colours look to people who see fewer of them, and how far apart they are.

Colour blindness is simulated as by Machado, Oliveira and Fernandes (2009), A Physiologically-based Model for Simulation
of Color Vision Deficiency, IEEE TVCG 15(6), with their matrices for full severity, in linear RGB. Distances are
Euclidean in OKLab (Ottosson 2020), contrast is that of WCAG 2.2.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

Colour = npt.NDArray[np.float64]

SIGHTS = {
    "all": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
TO_CONES = np.array(
    [[0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566],
     [0.0883024619, 0.2817188376, 0.6299787005]]
)  # fmt: skip
TO_LAB = np.array(
    [[0.2104542553, 0.7936177850, -0.0040720468], [1.9779984951, -2.4285922050, 0.4505937099],
     [0.0259040371, 0.7827717662, -0.8086757660]]
)  # fmt: skip
WEIGHTS = np.array([0.2126, 0.7152, 0.0722])


def linear(colour: str) -> Colour:
    """Linear RGB of ``#rgb`` or ``#rrggbb``."""
    digits = colour.lstrip("#")
    digits = "".join(2 * digit for digit in digits) if len(digits) == 3 else digits
    parts = np.array([int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)])
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def distance(one: str, other: str, sight: str = "all") -> float:
    """How far apart two colours look to somebody."""
    first, second = (lab(np.clip(SIGHTS[sight] @ linear(colour), 0, 1)) for colour in (one, other))
    return float(np.linalg.norm(first - second))


def lab(rgb: Colour) -> Colour:
    """OKLab of linear RGB."""
    found: Colour = TO_LAB @ np.cbrt(TO_CONES @ rgb)
    return found


def contrast(one: str, other: str) -> float:
    """Contrast of two colours, 1 to 21."""
    light, dark = sorted((float(WEIGHTS @ linear(colour)) for colour in (one, other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def variables(style: str) -> dict[str, str]:
    """Colours that a part of a style sheet names."""
    return dict(re.findall(r"--([\w]+):(#[0-9a-f]{3,8})\b", style))


def resolved(value: str, names: Mapping[str, str]) -> str:
    """A colour as written, or what its name stands for."""
    found = re.fullmatch(r"var\(--(\w+)\)", value)
    return names[found[1]] if found else value
