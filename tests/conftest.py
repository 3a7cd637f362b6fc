"""What every test shares. Fixtures live by subject in ``tests/fixtures/``."""

pytest_plugins = [
    "tests.fixtures.shared_data",
]
