"""The look at every page that the tests' client opens: it finds what it says it finds."""

import pytest
from flask import Flask

from tests.fixtures.pages import CheckedClient, faults_of

GOOD = """<!doctype html><html lang="en"><head><title>Learn · Telltale</title>
<script type="module" src="/x.js"></script></head><body><h1>Learn</h1><img alt="" src="/x">
<form method="post"><input type="hidden" name="csrf_token" value="x"><label for="a">A</label>
<input id="a"><label>B <select name="b"><option>1</option></select></label>
<textarea aria-label="C"></textarea><button>Go</button></form><form><input type="hidden"></form>
<p>a &lt; b<br>c</p></body></html>"""


def test_a_whole_page_passes():
    assert faults_of(GOOD) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("Learn · Telltale", " · Telltale", "no title"),
        ("<h1>Learn</h1>", "", "0 h1"),
        ("<h1>Learn</h1>", "<h1>A</h1><h1>B</h1>", "2 h1"),
        (' lang="en"', "", "no language"),
        (' src="/x.js"></script>', ">let a</script>", "inline script"),
        ("<h1>", '<h1 style="color: red">', "style=> is inline"),
        ("<h1>", '<h1 onclick="go()">', "onclick=> is inline"),
        ("<h1>", "<style>h1{}</style><h1>", "inline style sheet"),
        ("<h1>", '<a href="JavaScript:go()">x</a><h1>', "holds a script"),
        ('<img alt=""', "<img", "without alt"),
        ('<label for="a">A</label>', "", "input a has no label"),
        ('name="csrf_token"', 'name="other"', "without its token"),
        ("<button>Go</button>", "<button></button>", "<button> without words"),
        ("<h1>", '<p id="a"></p><h1>', "two elements have the id a"),
        ("<p>a", "</p>a", "closes nothing"),
    ],
)
def test_each_fault_is_found(old, new, said):
    assert old in GOOD
    assert any(said in fault for fault in faults_of(GOOD.replace(old, new, 1)))


def test_the_client_of_every_test_looks(app):
    assert app.test_client_class is CheckedClient
    bare = Flask("bare")
    bare.test_client_class = CheckedClient
    bare.add_url_rule("/", "start", lambda: GOOD.replace("<h1>Learn</h1>", ""))
    with pytest.raises(AssertionError, match="0 h1"):
        bare.test_client().get("/")
