from trainer.web.modules import STATIC, graph


def test_the_graph_is_every_static_import_and_no_other(tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "a.js").write_text(
        "import { b } from './deep/b.js';\nconst c = () => import('./c.js');\n"
    )
    (tmp_path / "deep" / "b.js").write_text(
        "import {\n a } from '../a.js';\nimport x from './d.js';"
    )
    (tmp_path / "deep" / "d.js").write_text("")
    assert graph("a.js", tmp_path) == ("a.js", "deep/b.js", "deep/d.js")


def test_what_comes_on_demand_is_not_in_the_viewers_first_graph():
    first = graph("viewer/viewer.js")
    assert "viewer/pane.js" in first and len(first) == len(set(first))
    for later in ("help", "flyout", "truth", "stack", "measuring", "paint_gl", "lens/client"):
        assert (STATIC / "viewer" / f"{later}.js").is_file()
        assert f"viewer/{later}.js" not in first
