import pytest

from tests.fixtures.browser import chromium_path


@pytest.mark.browser
def test_a_tab_reports_a_script_error_and_a_console_error(open_tab):
    tab = open_tab()
    with tab.page.expect_event("pageerror"):
        tab.page.set_content(
            "<script>console.error('one'); setTimeout(() => { throw Error('two') })</script>"
        )
    assert [fault.split(" (")[0] for fault in tab.faults] == ["console: one", "script: two"]
    with pytest.raises(AssertionError, match="two"):
        tab.fault_free("one")
    assert tab.fault_free("one", "two")


def test_a_named_chromium_that_is_not_there_is_not_replaced_by_another(monkeypatch, tmp_path):
    monkeypatch.setenv("CHROMIUM", str(tmp_path / "chromium"))
    assert chromium_path() is None
