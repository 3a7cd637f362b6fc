"""Cohorts, what they are asked to do, and how they did."""

from trainer.web.director import assignments, cohorts
from trainer.web.routes import blueprint

routes = blueprint(
    "director",
    [
        ("GET", "/cohorts", cohorts.cohorts),
        ("POST", "/cohorts", cohorts.make),
        ("GET", "/cohorts/<uuid:cohort_id>", cohorts.cohort),
        ("POST", "/cohorts/<uuid:cohort_id>/name", cohorts.rename),
        ("POST", "/cohorts/<uuid:cohort_id>/code", cohorts.renew_code),
        ("POST", "/cohorts/<uuid:cohort_id>/archive", cohorts.archive),
        ("POST", "/cohorts/<uuid:cohort_id>/members/<uuid:user_id>/remove", cohorts.remove),
        ("GET POST", "/cohorts/<uuid:cohort_id>/assign", assignments.assign),
        ("GET", "/assignments/<uuid:assignment_id>", assignments.results),
        ("GET", "/assignments/<uuid:assignment_id>/results.csv", assignments.download),
        ("POST", "/assignments/<uuid:assignment_id>/withdraw", assignments.withdraw),
    ],
)
