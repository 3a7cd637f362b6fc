"""The queue: one worker a job, whatever dies; how far, how it ended, and who may see it."""

import logging
import signal
import threading
from datetime import timedelta
from pathlib import Path

import pytest

import tests.jobs.samples  # noqa: F401
from tests.fixtures.app import NOW
from tests.fixtures.jobs import until
from trainer import clock
from trainer.jobs import worker
from trainer.jobs.tasks import tasks
from trainer.services import accounts, job_queue, jobs
from trainer.services.errors import ConflictError, InvalidError, NotFoundError

KINDS = ("test.count", "test.write", "test.hold", "test.quick", "test.fail", "test.inside")


def claim(database, name, **more):
    with database.transaction() as session:
        return job_queue.claim(session, name, KINDS, now=more.pop("now", clock.now()), **more)


def test_a_job_is_asked_for_done_and_seen(ask, seen, local_queue):
    job = ask("test.count", to=5)
    assert seen(job).state == "waiting"
    assert local_queue.drain() == 1
    done = seen(job)
    assert (done.state, done.done, done.total) == ("done", 5, 5)
    assert done.message == "Counted to 5."
    assert done.result == {"sum": 5}
    assert not done.open
    assert local_queue.drain() == 0


def test_a_task_works_for_its_asker_and_may_say_how_far_it_is_in_a_transaction(
    ask, seen, local_queue
):
    job = ask("test.inside")
    local_queue.drain()
    assert seen(job).message == "cora@example.org"


def test_a_plain_fault_is_told_any_other_is_not(ask, seen, local_queue, caplog):
    plain, inner = ask("test.fail", plain=True), ask("test.fail", plain=False)
    with caplog.at_level(logging.ERROR, "telltale"):
        local_queue.drain()
    assert seen(plain).state == seen(inner).state == "failed"
    assert seen(plain).message == "The third film is empty. Leave it out."
    assert "secret" not in seen(inner).message
    assert str(inner) in seen(inner).message
    assert "secret inner words" in caplog.text


def test_whoever_lost_the_role_or_the_account_gets_nothing_done(
    ask, seen, local_queue, database, curator
):
    job = ask("test.count", to=1)
    with database.transaction() as session:
        user = session.get_one(accounts.User, curator.id)
        user.memberships.clear()
    later = ask("test.count", to=2)
    with database.transaction() as session:
        session.get_one(accounts.User, curator.id).active = False
    local_queue.drain()
    assert seen(job).state == seen(later).state == "failed"
    assert "closed" in seen(job).message


def test_two_workers_never_take_one_job(ask, database):
    jobs_asked = {ask("test.count", to=1) for _ in range(12)}
    taken: list = []

    def take(name):
        while found := claim(database, name):
            taken.append(found.id)

    threads = [threading.Thread(target=take, args=(f"w{i}",)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == 12
    assert set(taken) == jobs_asked


def test_jobs_of_one_subject_come_one_after_the_other(ask, database):
    first = ask("test.count", subject="set:hands", to=1)
    second = ask("test.count", subject="set:hands", to=2)
    other = ask("test.count", subject="set:chests", to=1)
    assert claim(database, "a").id == first
    assert claim(database, "b").id == other
    assert claim(database, "c") is None
    with database.transaction() as session:
        assert job_queue.finish(session, first, "a", "done", "", now=NOW)
    assert claim(database, "c").id == second


def test_a_button_pressed_twice_asks_once(ask):
    first = ask("test.count", subject="set:hands", to=1)
    assert ask("test.count", subject="set:hands", to=1) == first
    assert ask("test.count", subject="set:hands", to=2) != first
    assert ask("test.count", to=1) != ask("test.count", to=1)


def test_a_waiting_job_is_cancelled_at_once_an_ended_one_not_at_all(ask, seen, database, curator):
    job = ask("test.count", to=1)
    with database.transaction() as session:
        jobs.cancel(session, curator, job, now=clock.now())
    assert seen(job).state == "cancelled"
    assert claim(database, "a") is None
    with database.transaction() as session, pytest.raises(ConflictError):
        jobs.cancel(session, curator, job, now=clock.now())


def test_nobody_sees_or_ends_the_work_of_another(ask, database, curator):
    job = ask("test.count", to=1)
    stranger = type(curator)(job, "X", "x@example.org", (), curator.permissions)
    with database.transaction() as session:
        with pytest.raises(NotFoundError):
            jobs.look(session, stranger, job, now=NOW)
        with pytest.raises(NotFoundError):
            jobs.cancel(session, stranger, job, now=NOW)
        assert jobs.mine(session, stranger, now=NOW) == []
        assert [j.id for j in jobs.mine(session, curator, now=NOW)] == [job]


def test_a_link_out_of_the_program_is_refused(database, curator):
    with database.transaction() as session, pytest.raises(InvalidError, match="leads out"):
        jobs.ask(session, curator, "test.count", {}, now=NOW, link="//evil.example")


def test_threads_work_wake_and_cancel_in_the_middle(
    ask, seen, local_queue, database, curator, tmp_path
):
    local_queue.start()
    held = ask("test.hold", file=str(tmp_path / "held"))
    local_queue.asked([held])
    until((tmp_path / "held").exists)
    quick = ask("test.quick")  # it does not stand behind the one that holds
    until(lambda: seen(quick).state == "done")
    until(lambda: seen(held).message == "holding")
    with database.transaction() as session:
        jobs.cancel(session, curator, held, now=clock.now())
    until(lambda: seen(held).state == "cancelled")


def test_a_stopped_process_gives_its_job_back_or_says_that_it_was_interrupted(
    ask, seen, local_queue, tmp_path
):
    local_queue.start()
    held = ask("test.hold", file=str(tmp_path / "held"))
    until((tmp_path / "held").exists)
    local_queue.stop()
    assert seen(held).state == "interrupted"
    again = ask("test.write", file=str(tmp_path / "w"), lines=3, hold=1, go=str(tmp_path / "go"))
    local_queue.start()
    until(lambda: seen(again).done == 1)
    local_queue.stop()
    assert seen(again).state == "waiting"
    (tmp_path / "go").touch()
    assert local_queue.drain() == 1
    assert (tmp_path / "w").read_text() == "0 1\n1 1\n2 1\n"


def test_silence_is_noticed_and_the_silent_one_may_write_nothing_more(ask, seen, office):
    lost, again = ask("test.count", to=3), ask("test.write", file="", lines=0, hold=0, go="")
    early = clock.now() - 2 * jobs.SILENCE
    claimed = claim(office.database, "elsewhere:1:a", now=early)
    assert claimed.id == lost
    assert claim(office.database, "elsewhere:1:a", now=early).id == again
    assert worker.sweep(office) == [again]
    assert seen(lost).state == "interrupted"
    assert "Ask for it again" in seen(lost).message
    assert seen(again).state == "waiting"
    run = worker.Run(office, claimed, None, "elsewhere:1:a", threading.Event())
    with pytest.raises(worker.Lost):
        run.step(3, 3)
    with pytest.raises(worker.Lost), run.transaction():
        raise AssertionError("it got in")


def test_a_job_that_kills_its_worker_is_not_tried_for_ever(ask, seen, office):
    job = ask("test.write", file="", lines=0, hold=0, go="")
    for _ in range(job_queue.MOST_ATTEMPTS):
        assert claim(office.database, "elsewhere:1:a", now=clock.now() - 2 * jobs.SILENCE)
        worker.sweep(office)
    assert seen(job).state == "interrupted"
    assert "3 times" in seen(job).message


def test_work_outside_the_queue_is_left_alone(office):
    with office.database.transaction() as session:
        jobs.begin(session, None, jobs.STARTER, {}, 10, now=NOW - timedelta(days=1))
    worker.sweep(office)
    with office.database.reading() as session:
        assert jobs.latest(session, jobs.STARTER, now=NOW).state == "interrupted"


def test_files_of_a_result_are_kept_for_a_while(ask, seen, office):
    job = ask("test.count", to=1)
    claimed = claim(office.database, "w")
    run = worker.Run(office, claimed, None, "w", threading.Event())
    source = office.settings.home.parent / "source"
    source.write_bytes(b"x" * 3_000_000)
    with source.open("rb") as file:
        run.keep_file("archive.zip", file)
    for name in ("../x", "a/../b", "a", "a/b/c", "a/.b"):
        with pytest.raises(NotFoundError):
            office.blobs.open_output(name)
    with office.database.transaction() as session:
        job_queue.finish(
            session, job, "w", "done", "", now=NOW, result=run.results, keep_until=clock.now()
        )
    assert seen(job).result == {"files": {"archive.zip": 3_000_000}}
    with office.blobs.open_output(f"{job}/archive.zip") as file:
        assert len(file.read()) == 3_000_000
    worker.sweep(office)
    assert seen(job).result == {"expired": True}
    with pytest.raises(NotFoundError, match="no longer kept"):
        office.blobs.open_output(f"{job}/archive.zip")


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
def test_a_killed_workers_job_goes_on_where_it_was(ask, seen, processes, office, tmp_path, end):
    go, path = tmp_path / "go", tmp_path / "lines"
    job = ask("test.write", file=str(path), lines=40, hold=20, go=str(go))
    first = processes.start("tests.jobs.worker")
    until(lambda: path.exists() and len(path.read_text().splitlines()) == 21)
    if end is signal.SIGKILL:
        processes.kill(first)
        assert seen(job).state == "running"  # nobody could say goodbye
        assert worker.sweep(office) == [job]  # and it is noticed at once: the process is gone
    else:
        first.terminate()
        assert first.wait(timeout=120) == 0
        assert seen(job).state == "waiting"
    go.touch()
    processes.start("tests.jobs.worker")
    until(lambda: seen(job).state == "done")
    lines = Path(path).read_text().splitlines()
    assert [int(line.split()[0]) for line in lines] == list(range(40))
    assert [line.split()[1] for line in lines[:21]] == ["1"] * 21
    assert lines[-1].split()[1] == ("2" if end is signal.SIGKILL else "1")


def test_every_task_has_a_word_of_what_it_does():
    assert set(KINDS) <= set(tasks())
    assert all(found.work.__doc__ for found in tasks().values())
