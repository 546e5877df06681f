"""Everybody can read the page: contrast, words behind every picture, headings in order, names for all that is there."""

import re
from itertools import pairwise

import pytest

from customer_analytics.reporting.health.palette import DARK, LIGHT, Theme
from customer_analytics_tests.reporting.health.html import Element

# What the Web Content Accessibility Guidelines 2.2 ask for, level AA.
TEXT, GRAPHICS = 4.5, 3.0
THEMES = pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])


def luminance(colour: str) -> float:
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_is_measured_as_it_should_be() -> None:
    assert contrast("#000000", "#ffffff") == 21
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@THEMES
def test_text_stands_out_from_its_ground(theme: Theme) -> None:
    pairs = [(ink, ground) for ink in (theme.ink, theme.quiet, theme.link) for ground in (theme.ground, theme.surface)]
    pairs += [(theme.good_ink, theme.good), (theme.care_ink, theme.care), (theme.stop_ink, theme.stop), *theme.heat]
    assert [pair for pair in pairs if contrast(*pair) < TEXT] == []


@THEMES
def test_lines_stand_out_from_the_ground_and_differ_in_lightness_or_kind(theme: Theme) -> None:
    assert min(contrast(colour, theme.ground) for colour in (theme.value, theme.risk)) >= GRAPHICS


@THEMES
def test_a_greater_share_has_a_stronger_ground(theme: Theme) -> None:
    grounds = [contrast(ground, theme.ground) for ground, _ in theme.heat]
    assert grounds == sorted(grounds)
    assert min(after / before for before, after in pairwise(grounds)) > 1.08


def test_the_page_has_language_title_and_one_main_part(page: Element) -> None:
    assert page.all("html")[0].attributes["lang"] == "en"
    assert page.all("title")[0].text == "Customer health, 2024-08-27"
    assert len(page.all("main")) == len(page.all("h1")) == 1


def test_headings_leave_out_no_level(page: Element) -> None:
    levels = [int(each.tag[1]) for each in page.all("h1", "h2", "h3", "h4")]
    assert levels[0] == 1
    assert max(after - before for before, after in pairwise(levels)) == 1


def test_every_picture_is_told_in_words_and_has_its_numbers_in_a_table(page: Element) -> None:
    pictures = page.all("svg")
    assert len(pictures) == 6
    for picture in pictures:
        assert picture.attributes["role"] == "img"
        named = [page.one(each).text for each in str(picture.attributes["aria-labelledby"]).split()]
        assert all(named)
        assert re.search(r"\d", named[1])
    for name in ("history", "cohorts", "forecast", "deliveries"):
        assert page.one(name).all("table")


def test_every_table_has_a_caption_and_its_headers_say_of_what(page: Element) -> None:
    for table in page.all("table"):
        assert table.all("caption")[0].text
        assert all(header.attributes.get("scope") in ("row", "col") for header in table.all("th"))


def test_every_link_and_every_part_that_scrolls_has_a_name(page: Element) -> None:
    assert all(link.text for link in page.all("a"))
    for part in page.all("div"):
        if part.attributes.get("class") == "scroll":
            assert part.attributes["aria-label"]
            assert part.attributes["tabindex"] == "0"


def test_text_in_pictures_is_text_and_follows_the_page(page: Element) -> None:
    picture = page.all("svg")[0]
    assert any(re.search(r"\d", each.text) for each in picture.all("text"))
    styles = " ".join(str(each.attributes.get("style")) for each in picture.all())
    assert "var(--value)" in styles
    assert "font-family" not in styles
    assert not re.search(r"#[0-9a-f]{6}", styles)
