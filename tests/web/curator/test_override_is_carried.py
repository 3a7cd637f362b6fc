"""The pages of a learner show what their results carry (a director's: services/test_overrides)."""


def test_the_pages_of_results_show_the_override(world):
    summary = next(url for url in world.starts if url.endswith("/summary"))
    page = world.client.get(summary).text
    assert "Read this result with care." in page
    assert "Small films are for trying things out." in page
    assert "set published in spite of its audit" in world.client.get("/progress").text
