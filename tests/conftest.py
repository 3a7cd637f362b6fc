"""What every test shares. Fixtures live by subject in ``tests/fixtures/``."""

pytest_plugins = [
    "tests.fixtures.app",
    "tests.fixtures.browser",
    "tests.fixtures.database",
    "tests.fixtures.play",
    "tests.fixtures.postgres",
    "tests.fixtures.server",
    "tests.fixtures.shared_data",
    "tests.fixtures.smtp",
]
