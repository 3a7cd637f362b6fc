"""Scripts as they are sent: packed, short, compressed, and never the pixels."""

import gzip

import pytest

from trainer.web.modules import STATIC
from trainer.web.packs import VIEWER, PackError, pack, scripts, shortened


def write(root, **files):
    for name, source in files.items():
        path = root / (name.replace("__", "/") + ".js")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source)


def test_modules_that_come_together_are_one_and_later_ones_take_from_it(tmp_path):
    write(
        tmp_path,
        a="// why\nimport { b } from './deep/b.js';\nexport const a = () => b + 1;\n"
        "const later = () => import('./c.js');\n"
        "const worker = () => new Worker(new URL('./deep/w.js', import.meta.url));\n",
        deep__b="/** @type {import('../none.js').None} */\nexport const b = 1;\n",
        c="import { b } from './deep/b.js';\nimport { d } from './d.js';\nexport { e };\n"
        "function e() { return b + d; }\n",
        d="export const d = 2;\n",
        deep__w="import * as all from './x.js';\nself.x = all.x;\n",
        deep__x="export const x = 3;\n",
    )
    packs = pack(tmp_path, "a.js")
    assert set(packs) == {"a.js", "c.js", "deep/w.js"}
    assert packs["a.js"].index("const b = 1") < packs["a.js"].index("const a =")
    assert "export { a, b };" in packs["a.js"]
    assert packs["c.js"].startswith("import { b } from './a.js';")
    assert "export { e };" in packs["c.js"]
    assert "const all = { x };" in packs["deep/w.js"]


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("import { b as c } from './b.js';\n", "its own name"),
        ("import b from './b.js';\n", "only named"),
        ("export default 1;\n", "only named"),
        ("import { b } from './b.js';\nconst twice = 1;\n", "twice means two things"),
    ],
)
def test_what_cannot_be_packed_is_refused_by_name(tmp_path, source, said):
    write(tmp_path, a=source, b="export const b = 1;\nconst twice = 2;\n")
    with pytest.raises(PackError, match=said):
        pack(tmp_path, "a.js")


def test_comments_go_and_texts_stay():
    source = "// gone\nconst a = `two  blanks // stay ${1 + 1}`; /* gone */ const b = /[/]\\/ /;\n"
    short = shortened(source)
    assert "gone" not in short
    assert "`two  blanks // stay ${1 + 1}`" in short
    assert "/[/]\\/ /" in short


def test_the_whole_viewer_is_small():
    sent = {n: body for n, body in scripts(STATIC).items() if n.startswith("viewer/")}
    # 40 kB; a percent more or less is the zlib's own.
    assert sum(len(gzip.compress(body, 9, mtime=0)) for body in sent.values()) <= 40 * 1024
    assert VIEWER in sent
    assert "viewer/later.js" in sent


def test_text_is_compressed_where_the_browser_takes_it(app, client_of):
    stamp = app.extensions["telltale_stamp"]
    where = f"/static/{stamp}/{VIEWER}"
    client = app.test_client()
    plain = client.get(where)
    squeezed = client.get(where, headers={"Accept-Encoding": "br;q=1, gzip;q=0.8"})
    refused = client.get(where, headers={"Accept-Encoding": "gzip;q=0"})
    assert plain.headers.get("Content-Encoding") is None
    assert refused.data == plain.data
    assert squeezed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(squeezed.data) == plain.data
    for answer in (plain, squeezed):
        assert answer.headers["Cache-Control"].endswith("immutable")
        assert "Cookie" not in answer.vary  # each sign-in would fetch every script again
        assert "Accept-Encoding" in answer.headers["Vary"]
        assert answer.mimetype == "text/javascript"
    picture = client.get(f"/static/{stamp}/favicon.svg", headers={"Accept-Encoding": "gzip"})
    assert picture.mimetype == "image/svg+xml"
    for name in ("viewer/none.js", "viewer/block.js", "../assets.py", "%2e%2e/settings.css"):
        assert client.get(f"/static/{stamp}/{name}").status_code == 404


def test_pixels_are_never_compressed(app, quiz, client_of):
    client = client_of("ann")
    sitting = client.post(f"/items/{quiz()}/sittings").location.rsplit("/", 1)[1]
    state = client.post(
        f"/sittings/{sitting}/show", headers={"X-Requested-With": "fetch"}
    ).get_json()
    block = client.get(state["film"]["url"] + "0", headers={"Accept-Encoding": "gzip, br"})
    assert block.headers.get("Content-Encoding") is None
    assert len(block.data) == int(block.headers["Content-Length"])
    assert block.data[:4] == b"TTB1"


def test_a_room_asks_for_the_pack_and_not_for_its_modules(app, quiz, client_of):
    client = client_of("ann")
    sitting = client.post(f"/items/{quiz()}/sittings").location.rsplit("/", 1)[1]
    page = client.get(f"/sittings/{sitting}").text
    asked = [line for line in page.splitlines() if "modulepreload" in line]
    assert "".join(asked).count("modulepreload") == 2
    assert "viewer/viewer.js" in page
    assert "viewer/block.js" not in page


def test_a_template_within_a_template_is_refused():
    for source in ("a = `x${b ? `, ${c}` : ''}`;", "a = `${b}${c.map((d) => `${d}`)}`;"):
        with pytest.raises(PackError, match="template within"):
            shortened(source)
    assert shortened("a = `${b({ c: 1 })}, ${d}`;") == "a=`${b({ c: 1 })}, ${d}`;"
