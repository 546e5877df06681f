"""A page as a reader of HTML takes it: its elements with their attributes, and the text of each."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "br", "link", "img", "hr", "input"}


@dataclass
class Element:
    """An element; ``inside`` are elements and texts in their order."""

    tag: str
    attributes: dict[str, str | None]
    inside: list["Element | str"] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All text in it, with single spaces."""
        return " ".join("".join(self._texts()).split())

    def all(self, *tags: str) -> list["Element"]:
        """Every element in it that has one of the tags, or simply every one."""
        return [each for each in self._elements() if not tags or each.tag in tags]

    def one(self, id_: str) -> "Element":
        """The element with that id."""
        (found,) = [each for each in self._elements() if each.attributes.get("id") == id_]
        return found

    def _elements(self) -> Iterator["Element"]:
        for each in self.inside:
            if isinstance(each, Element):
                yield each
                yield from each._elements()

    def _texts(self) -> Iterator[str]:
        for each in self.inside:
            yield from [each] if isinstance(each, str) else each._texts()
            yield "" if isinstance(each, str) or each.tag in ("bdi", "a", "small", "span", "strong") else " "


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open = [Element("document", {})]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, dict(attrs))
        self.open[-1].inside.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open[-1].inside.append(Element(tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].tag == tag, f"</{tag}> where <{self.open[-1].tag}> is open"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].inside.append(data)


def read_html(page: str) -> Element:
    """The page's elements; every one of them must be closed where it should be."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    assert len(reader.open) == 1, [each.tag for each in reader.open]
    return reader.open[0]
