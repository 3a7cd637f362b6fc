"""Markdown as lessons use it: text, citations, figures and self-checks; no HTML and no code."""

from __future__ import annotations

import re
import tomllib
from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from pydantic import BaseModel

from trainer.content.files import Checked, parse
from trainer.content.schema import Check, Figure
from trainer.content.words import banned_in, claim_in

Block = dict[str, Any]

_TAGS = {
    "p", "h2", "h3", "ul", "ol", "li", "strong", "em", "a", "sup", "kbd", "blockquote", "br", "hr",
    "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
_CITE = re.compile(r"\[@([a-z0-9-]+(?:;\s*@[a-z0-9-]+)*)\]")
_LONGEST_KEY = 14
_MODELS: dict[str, type[Figure] | type[Check]] = {"figure": Figure, "check": Check}


@dataclass(slots=True)
class Text:
    """A lesson's text, taken apart.

    Parameters
    ----------
    blocks : list of dict
        In order: ``{"kind": "html", "html"}``, ``{"kind": "figure", "number", ...}``,
        ``{"kind": "check", ...}``. HTML is sanitised.
    cites : list of str
        Keys of references, in the order in which they are first named.
    figures : list of (line, Figure)
        The figures, for the rules.
    words : int
        How many words there are to read.
    """

    blocks: list[Block] = field(default_factory=list)
    cites: list[str] = field(default_factory=list)
    figures: list[tuple[int, Figure]] = field(default_factory=list)
    words: int = 0


def _cite_rule(state: StateInline, silent: bool) -> bool:
    found = _CITE.match(state.src, state.pos)
    if not found:
        return False
    if not silent:
        token = state.push("cite", "", 0)
        token.meta = {"keys": [key.strip().removeprefix("@") for key in found[1].split(";")]}
    state.pos = found.end()
    return True


def _render_cite(
    _renderer: RendererHTML,
    tokens: Sequence[Token],
    index: int,
    _options: Any,
    env: MutableMapping[str, Any],
) -> str:
    cites: list[str] = env["cites"]
    links = []
    for key in tokens[index].meta["keys"]:
        if key not in cites:
            cites.append(key)
        links.append(f'<a href="#ref-{key}">{cites.index(key) + 1}</a>')
    return f"<sup>{', '.join(links)}</sup>"


def _render_key(
    _renderer: RendererHTML, tokens: Sequence[Token], index: int, _options: Any, _env: Any
) -> str:
    return f"<kbd>{nh3.clean_text(tokens[index].content)}</kbd>"


def _parser() -> MarkdownIt:
    # html is parsed so that it can be named as a fault; what is rendered goes through nh3 anyway
    made = MarkdownIt("commonmark", {"html": True}).enable("table")
    made.inline.ruler.before("link", "cite", _cite_rule)
    made.add_render_rule("cite", _render_cite)
    made.add_render_rule("code_inline", _render_key)
    return made


_PARSER = _parser()


def clean(html: str) -> str:
    """Return HTML with nothing left in it but what text needs."""
    safe = nh3.clean(
        html,
        tags=_TAGS,
        attributes={"a": {"href"}},
        url_schemes={"https"},
        link_rel="noreferrer",
    ).strip()
    return safe.replace(" <sup>", "\u202f<sup>")  # a source stays with the word it stands behind


def inline(text: str, cites: list[str]) -> str:
    """Return one line of markdown as sanitised HTML; adds to ``cites``."""
    return clean(_PARSER.renderInline(text, {"cites": cites}))


def read(source: str, checked: Checked[Any], *, offset: int = 0, figures: bool = True) -> Text:
    """Take a markdown text apart; note every fault of its form.

    Parameters
    ----------
    source : str
        The markdown.
    checked : Checked
        Gets the faults: C12 to C16, C19, C21 and C23.
    offset : int
        Lines above the text in its file.
    figures : bool
        Whether figures and checks may stand in it.
    """
    text = Text()
    env: dict[str, Any] = {"cites": text.cites}
    waiting: list[Token] = []

    def flush() -> None:
        html = clean(_PARSER.renderer.render(waiting, _PARSER.options, env))
        if html:
            text.blocks.append({"kind": "html", "html": html})
        waiting.clear()

    last_heading = 1
    for token in _PARSER.parse(source, {}):
        line = (token.map[0] if token.map else 0) + 1 + offset
        if token.type in ("fence", "code_block"):
            if figures and token.level == 0 and token.info.strip() in _MODELS:
                flush()
                _directive(text, token, checked, line)
            else:
                _refuse_code(token, checked, line)
            continue
        if token.type == "html_block":
            checked.fault("C12", "raw HTML: write it as markdown", line)
            continue
        if token.type == "heading_open":
            last_heading = _check_heading(int(token.tag[1]), last_heading, checked, line)
        if token.type == "inline":
            _check_inline(token, checked, line)
            text.words += len(token.content.split())
        waiting.append(token)
    flush()
    return text


def _refuse_code(token: Token, checked: Checked[Any], line: int) -> None:
    what = token.info.strip() or "code block"
    if what in _MODELS:
        checked.fault("C13", f"a {what} stands alone, not in a list or in another block", line)
    else:
        checked.fault(
            "C13", f"{what}: lessons hold no code; only `figure` and `check` are fenced", line
        )


def _check_heading(level: int, last: int, checked: Checked[Any], line: int) -> int:
    if level not in (2, 3) or level > last + 1:
        checked.fault(
            "C22", "headings are ## and below them ###; the title is in lesson.toml", line
        )
        return last
    return level


def _check_inline(token: Token, checked: Checked[Any], line: int) -> None:
    children = token.children or []
    plain = "".join(c.content if c.type == "text" else " " for c in children)
    cited = any(c.type == "cite" for c in children)
    for child in children:
        if child.type == "html_inline":
            checked.fault("C12", f"raw HTML ({child.content}): write it as markdown", line)
        if child.type == "code_inline" and len(child.content) > _LONGEST_KEY:
            checked.fault("C13", f"`{child.content}`: backticks are for keys on the keyboard", line)
        if child.type == "image":
            checked.fault("C14", "an image by its address: use a figure block with a case", line)
        if child.type == "link_open" and not str(child.attrs.get("href", "")).startswith(
            "https://"
        ):
            checked.fault(
                "C23", f"link to {child.attrs.get('href')}: links begin with https://", line
            )
    check_words(plain, checked, line, cited=cited)


def check_words(plain: str, checked: Checked[Any], line: int, *, cited: bool) -> None:
    """Note C16 for a number without a source and C19 for what may not be said."""
    number = claim_in(plain)
    if number and not cited:
        checked.fault("C16", f"{number!r} is a finding: name its source, as in [@key]", line)
    for phrase, why in banned_in(plain):
        checked.fault("C19", f"{phrase!r}: {why}", line)


def _directive(text: Text, token: Token, checked: Checked[Any], line: int) -> None:
    kind = token.info.strip()
    rule = {"figure": "C14", "check": "C21"}[kind]
    try:
        plain = tomllib.loads(token.content)
    except tomllib.TOMLDecodeError as fault:
        checked.fault(rule, f"the {kind} is not TOML: {fault}", line)
        return
    model: type[BaseModel] = _MODELS[kind]
    made = parse(checked, plain, model, token.content, start=line, rule=rule)
    if isinstance(made, Figure):
        text.figures.append((line, made))
        _check_directive(made.caption, checked, line)
        text.blocks.append(
            {
                "kind": "figure",
                "number": len(text.figures),
                **made.model_dump(mode="json"),
                "caption": inline(made.caption, text.cites),
            }
        )
    elif isinstance(made, Check):
        for part in (made.question, *made.options, made.because):
            _check_directive(part, checked, line)
        text.blocks.append(
            {
                "kind": "check",
                "question": inline(made.question, text.cites),
                "options": [inline(option, text.cites) for option in made.options],
                "answer": made.answer,
                "because": inline(made.because, text.cites),
            }
        )
    text.words += len(token.content.split()) // 2


def _check_directive(markdown: str, checked: Checked[Any], line: int) -> None:
    for token in _PARSER.parseInline(markdown, {}):
        _check_inline(token, checked, line)
