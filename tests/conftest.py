"""What every test shares. Fixtures live by subject in ``tests/fixtures/``."""

from hypothesis import HealthCheck, settings

# No test times anything: a busy machine is no fault of the code. The same examples on every run,
# so that a red test is red for everyone.
settings.register_profile(
    "house", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("house")

pytest_plugins = [
    "tests.fixtures.app",
    "tests.fixtures.browser",
    "tests.fixtures.database",
    "tests.fixtures.dicom3tools",
    "tests.fixtures.orthanc",
    "tests.fixtures.play",
    "tests.fixtures.postgres",
    "tests.fixtures.jobs",
    "tests.fixtures.s3",
    "tests.fixtures.server",
    "tests.fixtures.shared_data",
    "tests.fixtures.smtp",
    "tests.fixtures.uploads",
    "tests.fixtures.world",
]
