"""Every link leads somewhere; every page that people may see can be reached by links."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.fixtures.world import one_of_each, walk

ROOT = Path(__file__).resolve().parents[2]
#: Views that no link leads to, each for a reason.
UNLINKED = {
    "static",
    "public.health",  # for a load balancer
    "public.robots",
    "public.favicon",
    "auth.choose",  # only from a mail
    "auth.sent",  # only after asking
    "auth.sign_in",  # for who is signed out
    "auth.forgot",
    "auth.code",
    "learner.figure",  # an image
    "director.download",  # a file
    "curator.upload_template",  # a file
    "curator.upload_report",  # a file
    "curator.held_picture",  # an image
    "jobs.state",  # for the page's script
    "learner.ready",  # for the pages' script
    "curator.twin_picture",  # an image
    "curator.card_file",  # a file
    "curator.find",  # from a film's id in a message
    "curator.thumbnail",  # an image
    "curator.tint",  # an image
    "curator.pixels",  # what the viewer shows
    "curator.twin",
    "curator.mask",
    "review.film",
}


def test_every_link_leads_to_a_page_and_every_page_is_led_to(world):
    pages = walk(world)
    lost = {url: status for url, status in pages.items() if status >= 400 and url != "/no/page"}
    assert not lost, lost
    assert pages["/no/page"] == 404
    reached = set(one_of_each(world, pages))
    readable = {
        rule.endpoint
        for rule in world.app.url_map.iter_rules()
        if "GET" in rule.methods and not rule.rule.startswith("/films/")
    }
    alone = readable - reached - UNLINKED - {"public.front"}
    assert not alone, f"no link leads to {alone}"
    titles: dict[str, list[str]] = {}
    for url in one_of_each(world, pages).values():
        title = world.client.get(url).text.split("<title>")[1].split("</title>")[0]
        titles.setdefault(title, []).append(url)
    same = {title: urls for title, urls in titles.items() if len(urls) > 1}
    assert not same, f"pages of one title: {same}"


def documents() -> list[Path]:
    found = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
    assert len(found) > 5
    return found


@pytest.mark.parametrize("path", documents(), ids=lambda p: p.name)
def test_the_links_of_the_documents_lead_somewhere(path):
    text = path.read_text(encoding="utf-8")
    targets = re.findall(r"!?\[[^\]]*\]\(([^)\s]+)\)", text)
    for target in targets:
        if target.startswith(("http://", "https://", "mailto:")):
            continue
        name, _, anchor = target.partition("#")
        there = (path.parent / name).resolve() if name else path
        assert there.exists(), f"{path.name}: {target}"
        if anchor:
            heads = re.findall(r"^#+ (.+)$", there.read_text(encoding="utf-8"), re.M)
            slugs = {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in heads}
            assert anchor in slugs, f"{path.name}: {target}"
