"""Pictures: small plots, each as SVG to stand in a page and as PNG for elsewhere. The same data give the same bytes.

The SVG takes its text's font and its colours from the page around it, so that it also is at home on dark ground.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from io import BytesIO
from xml.etree import ElementTree as Xml

from matplotlib import style
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from customer_analytics.reporting.health.palette import LIGHT

INCHES = (4.7, 2.35)
# What is around the axes, in inches: labels beside and below, what stands beside the last point; a line for each text.
# Matplotlib can find that out by itself, by drawing everything twice.
LEFT, RIGHT, BOTTOM, TOP, LINE = 0.55, 0.45, 0.28, 0.08, 0.2
PNG_DOTS_PER_INCH = 160

_VARIABLES = {name: colour for name, colour in LIGHT.variables.items() if not name.startswith("heat")}
_SVG = "http://www.w3.org/2000/svg"
_XLINK = "{http://www.w3.org/1999/xlink}href"
_REFERENCE = re.compile(r"url\(#([^)]+)\)")
_FONT = re.compile(r"; font-family: [^;]+")
_STYLE = {
    "svg.fonttype": "none",
    "font.size": 9.5,
    "text.color": LIGHT.ink,
    "axes.edgecolor": LIGHT.rule,
    "axes.labelcolor": LIGHT.quiet,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "axes.axisbelow": True,
    "axes.ymargin": 0.12,
    "grid.color": LIGHT.grid,
    "xtick.color": LIGHT.rule,
    "xtick.labelcolor": LIGHT.quiet,
    "ytick.color": LIGHT.rule,
    "ytick.labelcolor": LIGHT.quiet,
    "ytick.major.size": 0,
    "lines.linewidth": 1.8,
    "lines.markersize": 4.5,
    "legend.frameon": False,
    "path.simplify": True,
}


@dataclass(frozen=True)
class Plot:
    """A picture that ``paint`` puts on empty axes; it is drawn when it is asked for.

    ``name`` tells it from others of the page, ``words`` say what is in it to who cannot see it.
    """

    name: str
    title: str
    words: str
    paint: Callable[[Axes], None] = field(compare=False, repr=False)

    @cached_property
    def svg(self) -> str:
        """The picture as it stands in a page, without its title."""
        with _drawing(self.name):
            drawn = BytesIO()
            nothing_else = {"Date": None, "Creator": None, "Format": None, "Type": None}
            _painted(self.paint).savefig(drawn, format="svg", metadata=nothing_else)
        return _for_page(drawn.getvalue(), f"plot-{self.name}", self.title, self.words)

    @property
    def png(self) -> bytes:
        """The picture with its title, for elsewhere."""
        with _drawing(self.name):
            figure = _painted(self.paint, self.title)
            figure.set_facecolor(LIGHT.ground)
            pixels = BytesIO()
            figure.savefig(pixels, format="png", dpi=PNG_DOTS_PER_INCH, metadata={"Software": None})
        return pixels.getvalue()


def _painted(paint: Callable[[Axes], None], title: str = "") -> Figure:
    figure = Figure(figsize=INCHES, facecolor="none")
    axes = figure.subplots()
    axes.set_facecolor("none")
    axes.set_title(title, loc="left", fontsize="medium", fontweight="bold")
    paint(axes)
    width, height = INCHES
    below, above = BOTTOM + LINE * bool(axes.get_xlabel()), TOP + LINE * bool(title)
    figure.subplots_adjust(LEFT / width, below / height, 1 - RIGHT / width, 1 - above / height)
    return figure


@contextmanager
def _drawing(salt: str) -> Iterator[None]:
    """Matplotlib's settings as the plots want them, whatever they are outside, and as they were afterwards."""
    with style.context(_STYLE | {"svg.hashsalt": salt}, after_reset=True):
        yield


def _for_page(svg: bytes, prefix: str, title: str, words: str) -> str:
    root = Xml.fromstring(svg)  # noqa: S314 - it was drawn a moment ago
    _drop_style_sheet(root)
    _keep_needed_ids(root, prefix)
    for attribute in ("width", "height", "version"):
        root.attrib.pop(attribute, None)
    for element in root.iter():
        if styled := element.get("style"):
            element.set("style", _with_variables(_FONT.sub("", styled)))
    _describe(root, prefix, title, words)
    for short, namespace in (("", _SVG), ("xlink", "http://www.w3.org/1999/xlink")):
        Xml.register_namespace(short, namespace)
    return re.sub(r"\s*\n\s*", " ", Xml.tostring(root, encoding="unicode")).replace("> <", "><")


def _drop_style_sheet(root: Xml.Element) -> None:
    """Its rules would be the whole page's."""
    for parent in list(root.iter()):
        for sheet in parent.findall(f"{{{_SVG}}}style"):
            parent.remove(sheet)


def _keep_needed_ids(root: Xml.Element, prefix: str) -> None:
    """Only ids that something refers to stay, with a prefix: a page has each id once."""
    needed = {reference.removeprefix("#") for element in root.iter() if (reference := element.get(_XLINK))}
    for element in root.iter():
        for attribute, value in element.items():
            needed.update(_REFERENCE.findall(value))
            element.set(attribute, _REFERENCE.sub(rf"url(#{prefix}-\1)", value))
        if reference := element.get(_XLINK):
            element.set(_XLINK, f"#{prefix}-{reference.removeprefix('#')}")
    for element in root.iter():
        if (known := element.attrib.pop("id", "")) in needed:
            element.set("id", f"{prefix}-{known}")


def _describe(root: Xml.Element, prefix: str, title: str, words: str) -> None:
    for position, (tag, text) in enumerate((("title", title), ("desc", words))):
        told = Xml.Element(f"{{{_SVG}}}{tag}", {"id": f"{prefix}-{tag}"})
        told.text = text
        root.insert(position, told)
    root.attrib |= {"role": "img", "class": "plot", "aria-labelledby": f"{prefix}-title {prefix}-desc"}


def _with_variables(styled: str) -> str:
    for variable, colour in _VARIABLES.items():
        styled = styled.replace(colour, f"var(--{variable})")
    return styled
