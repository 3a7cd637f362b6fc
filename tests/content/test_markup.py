"""Lesson text: what is rendered is safe whatever was written, and sources are numbered."""

import re

from hypothesis import given
from hypothesis import strategies as st

from trainer.content import markup
from trainer.content.files import Checked
from trainer.content.words import banned_in, claim_in

PIECES = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[a](javascript:alert(1))",
    "<a href='data:text/html,x'>y</a>",
    "**bold**",
    "`key`",
    "[@ref]",
    "\n\n",
    "- item\n",
    "![x](https://e.org/a.png)",
    "<svg/onload=x>",
    "|a|b|\n|-|-|\n|c|d|\n",
    "```js\nx\n```\n",
    "&#x3c;script>",
    "](x)",
    '" onclick="x',
]


def read(source: str) -> tuple[markup.Text, Checked]:
    checked = Checked("text.md")
    return markup.read(source, checked), checked


def test_citations_are_numbered_in_order_of_first_mention():
    text, checked = read("One [@b]. Two [@a; @b].\n")
    assert text.cites == ["b", "a"]
    html = text.blocks[0]["html"]
    assert 'href="#ref-b"' in html and html.count("<sup>") == 2
    assert re.findall(r">(\d)</a>", html) == ["1", "2", "1"]
    assert not checked.errors


def test_blocks_come_in_the_order_of_the_text():
    text, _ = read(
        "Before.\n\n```check\nquestion = 'Which of them?'\noptions = ['One', 'Two']\n"
        "answer = 1\nbecause = 'It is the first.'\n```\n\nAfter.\n"
    )
    assert [b["kind"] for b in text.blocks] == ["html", "check", "html"]


@given(st.lists(st.sampled_from(PIECES), max_size=12))
def test_what_is_rendered_holds_no_script_whatever_was_written(parts):
    text, _ = read(" ".join(parts))
    html = "".join(b.get("html", "") for b in text.blocks)
    tags = set(re.findall(r"<\s*/?\s*([a-zA-Z][\w-]*)", html))
    assert tags <= markup._TAGS
    attributes = set(re.findall(r"<[^>]*?\s([a-z-]+)=", html))
    assert attributes <= {"href", "rel"}
    assert not re.search(r'href="(?!https://|#ref-)', html)


def test_a_zoom_is_an_instruction_and_a_share_is_a_finding():
    assert claim_in("Zoom to 200 % along the cortex.") is None
    assert claim_in("Readers were right in 75 % of cases.") == "75 %"
    assert claim_in("It was seen in 43 of the 77 captions.") == "43 of the 77"
    assert claim_in("An AUC of 0.90 was measured.") == "AUC of 0.90"
    assert claim_in("17 radiologists took part.") == "17 radiologists"
    assert claim_in("In 2026, at 1024 pixels, three discs, 90 seconds.") is None


def test_41_percent_may_be_said_of_readers_and_of_nothing_else():
    assert not list(banned_in("41 % of readers spoke up unasked"))
    assert list(banned_in("Radiologists caught 41 % of the fakes"))
    assert list(banned_in("only 41% recognised the images"))
    assert list(banned_in("readers ranged from 62 % to 78 %"))
    assert list(banned_in("this proves that the film is fake"))
