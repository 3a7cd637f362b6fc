from tests.fixtures.play import fill_bank
from trainer.app import create_app
from trainer.settings import Settings


def test_the_bank_goes_out_with_a_reason_and_comes_in_elsewhere(
    app, app_database, sqlite_template, tmp_path
):
    with app_database.transaction() as session:
        fill_bank(session, app.extensions["telltale_blobs"], n=2)
    run = app.test_cli_runner().invoke
    path = tmp_path / "bank.zip"
    asked = run(args=["bank", "export-archive", str(path)], input="so\n")
    assert asked.exit_code == 1
    assert "Why do these films leave the system?" in asked.output
    assert not path.exists()
    done = run(args=["bank", "export-archive", str(path), "--why", "a nightly backup"])
    assert done.exit_code == 0, done.output
    assert "2 altered or made films; the archive says so" in done.output
    again = run(args=["bank", "export-archive", str(path), "--why", "a nightly backup"])
    assert "is there already" in again.output

    other = tmp_path / "other.db"
    other.write_bytes(sqlite_template.read_bytes())
    elsewhere = create_app(Settings(home=tmp_path / "other", database_url=f"sqlite:///{other}"))
    run = elsewhere.test_cli_runner().invoke
    done = run(args=["bank", "import-archive", str(path)])
    assert done.exit_code == 0, done.output
    assert "small: " in done.output
    assert run(args=["bank", "verify"]).output == "every blob is whole\n"
    assert "2 authentic, 2 tampered" in run(args=["bank", "list"]).output
    path.write_bytes(path.read_bytes()[:-100])
    broken = run(args=["bank", "import-archive", str(path)])
    assert broken.exit_code == 1
    assert "no whole archive" in broken.output
    elsewhere.extensions["telltale_database"].engine.dispose()
