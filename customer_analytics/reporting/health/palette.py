"""The page's colours, by what they say, on light and on dark ground. The colour-blind can tell them apart.

Hues are those of Okabe and Ito (https://jfly.uni-koeln.de/color/), darkened or lightened until they stand out from the
ground. No colour says anything alone: beside it stand a word, a sign or another kind of line.
"""

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Theme:
    """Colours as ``#rrggbb``. What ends in ``_ink`` is written on what the rest of its name says."""

    ground: str
    surface: str
    ink: str
    quiet: str  # text of second rank
    rule: str  # lines between things
    grid: str  # lines behind a plot
    link: str
    value: str
    risk: str
    other: str  # what something is compared with
    good: str
    good_ink: str
    care: str
    care_ink: str
    stop: str
    stop_ink: str
    heat: tuple[tuple[str, str], ...]  # ground and ink from the least share to the greatest

    @property
    def variables(self) -> dict[str, str]:
        """Every colour by the name that the style sheet has for it."""
        named = {name.replace("_", "-"): colour for name, colour in asdict(self).items() if name != "heat"}
        for level, (ground, ink) in enumerate(self.heat):
            named |= {f"heat-{level}": ground, f"heat-{level}-ink": ink}
        return named


LIGHT = Theme(
    ground="#ffffff",
    surface="#f4f6f8",
    ink="#1b2026",
    quiet="#545e68",
    rule="#d3dae0",
    grid="#e3e8ec",
    link="#00579a",
    value="#0071b1",
    risk="#c04a00",
    other="#6a6f75",
    good="#d8efe3",
    good_ink="#0b4f36",
    care="#fdeebf",
    care_ink="#584000",
    stop="#ffdccf",
    stop_ink="#7b2200",
    heat=(
        ("#f1f6fb", "#1b2026"),
        ("#d8e7f5", "#1b2026"),
        ("#b5d3ea", "#1b2026"),
        ("#86bbdb", "#1b2026"),
        ("#559ecb", "#1b2026"),
        ("#226fae", "#ffffff"),
        ("#084d94", "#ffffff"),
    ),
)

DARK = Theme(
    ground="#12161a",
    surface="#1b2127",
    ink="#e9edf0",
    quiet="#a6b0ba",
    rule="#38424b",
    grid="#2a323a",
    link="#82c6fb",
    value="#5bb3ee",
    risk="#ff9d61",
    other="#9aa2aa",
    good="#123c2c",
    good_ink="#a8e6c9",
    care="#46370a",
    care_ink="#ffe08a",
    stop="#55200c",
    stop_ink="#ffc6b0",
    heat=(
        ("#182028", "#e9edf0"),
        ("#1c3347", "#e9edf0"),
        ("#1f4566", "#e9edf0"),
        ("#255c89", "#ffffff"),
        ("#5a9fd2", "#12161a"),
        ("#8cc0ea", "#12161a"),
        ("#c0def6", "#12161a"),
    ),
)
