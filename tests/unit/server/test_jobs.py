"""Jobs are painted in order, each once, and outlive the server."""

import asyncio
import tempfile
import time
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.server.database import Database
from algovera_desktop.server.jobs import (
    MAX_ATTEMPTS,
    MAYBE_PAID,
    JobStore,
    QueueFullError,
    StoredState,
    TooManyWaitingError,
)
from support.postgres import PostgresServer

T = TypeVar("T")
REQUEST = GenerationRequest("a cat", "sketch", seed=2**53 - 1, guidance_scale=0.1)


@pytest.fixture
def database(place: Path | str) -> Iterator[Database]:
    database = Database(place)
    yield database
    database.close()


@pytest.fixture
def store(database: Database) -> JobStore:
    return JobStore(database)


async def end_of(store: JobStore, job_id: str) -> tuple[StoredState, str]:
    job = await store.get("me", job_id)
    assert job is not None
    return job.state, job.error


def test_a_job_comes_back_as_it_was_asked_for(store: JobStore) -> None:
    async def scenario() -> None:
        job_id = await store.add("me", REQUEST, 1)
        job = await store.get("me", job_id)
        assert job is not None
        assert (job.request, job.state, job.queue_position) == (REQUEST, StoredState.QUEUED, 1)

    asyncio.run(scenario())


def test_a_job_is_nobody_elses(store: JobStore) -> None:
    async def scenario() -> None:
        job_id = await store.add("me", REQUEST, 1)
        assert await store.get("you", job_id) is None
        assert await store.cancel("you", job_id) is None
        assert (await end_of(store, job_id))[0] is StoredState.QUEUED

    asyncio.run(scenario())


def test_only_what_waits_counts_against_the_limit(store: JobStore) -> None:
    async def scenario() -> None:
        await store.add("me", REQUEST, 1)
        with pytest.raises(QueueFullError):
            await store.add("me", REQUEST, 1)
        await store.claim()
        await store.add("me", REQUEST, 1)

    asyncio.run(scenario())


def test_a_job_interrupted_in_order_keeps_its_place_and_its_attempts(store: JobStore) -> None:
    async def scenario() -> None:
        first = await store.add("me", REQUEST, 9)
        await store.add("me", REQUEST, 9)
        for _ in range(MAX_ATTEMPTS + 1):
            job = await store.claim()
            assert job is not None
            assert job.id == first
            await store.put_back(first)
        store.recover()
        assert (await end_of(store, first))[0] is StoredState.QUEUED

    asyncio.run(scenario())


def test_a_job_that_takes_the_server_down_again_and_again_fails(store: JobStore) -> None:
    async def scenario() -> None:
        job_id = await store.add("me", REQUEST, 9)
        for _ in range(MAX_ATTEMPTS):
            assert (await end_of(store, job_id))[0] is StoredState.QUEUED
            await store.claim()
            store.recover()
        state, error = await end_of(store, job_id)
        assert state is StoredState.FAILED
        assert f"died {MAX_ATTEMPTS} times" in error

    asyncio.run(scenario())


def test_a_repeated_ref_names_the_first_job_even_when_the_queue_is_full(store: JobStore) -> None:
    async def scenario() -> None:
        first = await store.add("me", REQUEST, 1, "wish-1")
        assert await store.add("me", REQUEST, 1, "wish-1") == first
        with pytest.raises(QueueFullError):
            await store.add("me", REQUEST, 1, "wish-2")
        assert await store.id_for("me", "wish-2") is None
        assert await store.queue_length() == 1

    asyncio.run(scenario())


def test_a_ref_is_its_owners_own(store: JobStore) -> None:
    async def scenario() -> None:
        mine = await store.add("me", REQUEST, 9, "wish")
        assert await store.id_for("you", "wish") is None
        assert await store.add("you", REQUEST, 9, "wish") != mine

    asyncio.run(scenario())


def test_jobs_without_a_ref_are_never_the_same(store: JobStore) -> None:
    async def scenario() -> None:
        assert await store.add("me", REQUEST, 9) != await store.add("me", REQUEST, 9)

    asyncio.run(scenario())


@pytest.mark.parametrize("end", [StoredState.DONE, StoredState.FAILED, StoredState.CANCELLED])
def test_a_ref_outlives_its_job(place: Path | str, end: StoredState) -> None:
    """A client that comes back after the tidying hears that its job is gone; it is not made
    again unasked."""

    async def begin(store: JobStore) -> str:
        job_id = await store.add("me", REQUEST, 9, "wish")
        await store.claim()
        await store.finish(job_id, end)
        assert await store.add("me", REQUEST, 9, "wish") == job_id
        await store.forget_finished_before(time.time() + 60)
        return job_id

    async def come_back(store: JobStore) -> str:
        again = await store.add("me", REQUEST, 9, "wish")
        assert await store.queue_length() == 0
        assert await store.get("me", again) is None
        return again

    first = Database(place)
    job_id = asyncio.run(begin(JobStore(first)))
    first.close()
    second = Database(place)
    assert asyncio.run(come_back(JobStore(second))) == job_id
    second.close()


def test_a_cancelled_job_stays_cancelled_though_its_picture_came(store: JobStore) -> None:
    async def scenario() -> None:
        job_id = await store.add("me", REQUEST, 9)
        await store.claim()
        await store.cancel("me", job_id)
        assert not await store.finish(job_id, StoredState.DONE)
        assert (await end_of(store, job_id))[0] is StoredState.CANCELLED

    asyncio.run(scenario())


def test_only_old_ends_are_forgotten(store: JobStore) -> None:
    async def scenario() -> None:
        done, waiting = [await store.add("me", REQUEST, 9) for _ in range(2)]
        await store.claim()
        await store.finish(done, StoredState.DONE)
        await store.forget_finished_before(time.time() - 60)
        assert await store.done_ids() == {done}
        await store.forget_finished_before(time.time() + 60)
        assert await store.get("me", done) is None
        assert await store.get("me", waiting) is not None

    asyncio.run(scenario())


def test_owners_take_turns_however_many_jobs_each_has(store: JobStore) -> None:
    async def scenario() -> None:
        wishes = ["a", "a", "a", "a", "b", "c", "b"]
        jobs = [(owner, await store.add(owner, REQUEST, 9)) for owner in wishes]
        told = {job: (await store.get(owner, job)).queue_position for owner, job in jobs}
        order = [job.id for _ in jobs if (job := await store.claim())]
        assert [told[job] for job in order] == [1, 2, 3, 4, 5, 6, 7]
        owner_of = {job: owner for owner, job in jobs}
        assert "".join(owner_of[job] for job in order) == "abcabaa"

    asyncio.run(scenario())


def test_who_comes_back_is_served_before_who_was_served_last(store: JobStore) -> None:
    async def scenario() -> None:
        for owner in ("a", "b", "a", "a"):
            await store.add(owner, REQUEST, 9)
        for _ in range(3):  # a, b, a
            await store.claim()
        late = await store.add("b", REQUEST, 9)
        job = await store.claim()
        assert job is not None
        assert job.id == late

    asyncio.run(scenario())


def test_an_owner_may_have_so_many_jobs_waiting_and_others_more(store: JobStore) -> None:
    async def scenario() -> None:
        await store.add("me", REQUEST, 9, "wish", owner_limit=1)
        with pytest.raises(TooManyWaitingError) as refused:
            await store.add("me", REQUEST, 9, owner_limit=1)
        assert refused.value.limit == 1
        await store.add("me", REQUEST, 9, "wish", owner_limit=1)
        await store.add("you", REQUEST, 9, owner_limit=1)
        await store.claim()
        await store.add("me", REQUEST, 9, owner_limit=1)

    asyncio.run(scenario())


@pytest.mark.parametrize("ends_in_order", [True, False])
def test_what_may_have_been_paid_for_is_never_painted_again(
    store: JobStore, ends_in_order: bool
) -> None:
    async def scenario() -> None:
        paid = await store.add("me", REQUEST, 9, once=True)
        waiting = await store.add("me", REQUEST, 9, once=True)
        job = await store.claim()
        assert job is not None
        assert (job.id, job.once) == (paid, True)
        if ends_in_order:
            await store.put_back(paid)
        store.recover()
        assert await end_of(store, paid) == (StoredState.FAILED, MAYBE_PAID)
        assert (await end_of(store, waiting))[0] is StoredState.QUEUED

    asyncio.run(scenario())


@pytest.mark.parametrize("ends_in_order", [True, False])
def test_a_job_whose_picture_lies_elsewhere_waits_to_be_fetched_however_often_the_server_dies(
    store: JobStore, ends_in_order: bool
) -> None:
    async def scenario() -> None:
        paid = await store.add("me", REQUEST, 9, once=True)
        await store.claim()
        await store.keep_address(paid, "https://images.example/1.png")
        for _ in range(MAX_ATTEMPTS + 1):
            if ends_in_order:
                await store.put_back(paid)
            store.recover()
            job = await store.claim()
            assert job is not None
            assert (job.id, job.address) == (paid, "https://images.example/1.png")
            assert "images.example" not in repr(job)

    asyncio.run(scenario())


@pytest.mark.parametrize("end", [StoredState.DONE, StoredState.FAILED, StoredState.CANCELLED])
def test_the_address_of_a_picture_is_forgotten_when_its_job_has_ended(
    store: JobStore, end: StoredState
) -> None:
    async def scenario() -> None:
        paid = await store.add("me", REQUEST, 9, once=True)
        await store.claim()
        await store.keep_address(paid, "https://images.example/1.png")
        if end is StoredState.CANCELLED:
            await store.cancel("me", paid)
        else:
            await store.finish(paid, end)
        await store.keep_address(paid, "https://images.example/too-late.png")
        job = await store.get("me", paid)
        assert job is not None
        assert (job.state, job.address) == (end, "")

    asyncio.run(scenario())


def test_jobs_are_counted_by_state(store: JobStore) -> None:
    async def scenario() -> None:
        for _ in range(3):
            await store.add("me", REQUEST, 9)
        await store.claim()
        counts = await store.count_by_state()
        assert (counts[StoredState.QUEUED], counts[StoredState.RUNNING]) == (2, 1)
        assert counts[StoredState.DONE] == 0

    asyncio.run(scenario())


def test_jobs_are_there_after_a_restart(place: Path | str) -> None:
    async def begin() -> str:
        return await JobStore(first).add("me", REQUEST, 9)

    async def go_on() -> None:
        job = await JobStore(second).claim()
        assert job is not None
        assert (job.id, job.request) == (job_id, REQUEST)

    first = Database(place)
    job_id = asyncio.run(begin())
    first.close()
    second = Database(place)
    asyncio.run(go_on())
    second.close()


OWNERS = st.sampled_from(["ana", "ben", "cleo"])


class QueueMachine(RuleBasedStateMachine):
    """The store against a model of it: each owner's waiting, who was served when, what runs."""

    postgres: PostgresServer | None = None

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        if self.postgres is None:
            self.database = Database(Path(self.folder.name) / "server.db")
        else:
            self.postgres.empty()
            self.database = Database(self.postgres.address)
        self.store = JobStore(self.database)
        self.owner: dict[str, str] = {}
        self.waiting: list[str] = []
        self.started: list[str] = []
        self.running: str | None = None
        self.ended: dict[str, StoredState] = {}
        self.named: dict[tuple[str, str], str] = {}

    @initialize()
    def empty(self) -> None:
        self.store.recover()

    def run(self, action: Coroutine[Any, Any, T]) -> T:
        return asyncio.run(action)

    def turns(self) -> list[str]:
        """The waiting jobs in the order in which they would start, found by playing it."""
        waiting, served, order = [*self.waiting], [self.owner[job] for job in self.started], []
        while waiting:
            job = min(waiting, key=lambda job: _last(served, self.owner[job]))
            waiting.remove(job)
            served.append(self.owner[job])
            order.append(job)
        return order

    @rule(owner=OWNERS)
    def add(self, owner: str) -> None:
        job_id = self.run(self.store.add(owner, REQUEST, 1000))
        self.owner[job_id] = owner
        self.waiting.append(job_id)

    @rule(owner=OWNERS, ref=st.sampled_from(["cat", "dog"]))
    def add_named(self, owner: str, ref: str) -> None:
        job_id = self.run(self.store.add(owner, REQUEST, 1000, ref))
        if (owner, ref) not in self.named:
            self.owner[job_id] = owner
            self.waiting.append(job_id)
        assert self.named.setdefault((owner, ref), job_id) == job_id

    @rule()
    def claim(self) -> None:
        if self.running is not None:
            return
        turns = self.turns()
        job = self.run(self.store.claim())
        assert (job.id if job else None) == (turns[0] if turns else None)
        if job:
            self.running = job.id
            self.waiting.remove(job.id)
            self.started.append(job.id)

    @rule(state=st.sampled_from([StoredState.DONE, StoredState.FAILED]))
    def finish(self, state: StoredState) -> None:
        if self.running is None:
            return
        was_open = self.running not in self.ended
        assert self.run(self.store.finish(self.running, state)) is was_open
        self.ended.setdefault(self.running, state)
        self.running = None

    @rule()
    def put_back(self) -> None:
        if self.running is None:
            return
        self.run(self.store.put_back(self.running))
        if self.running not in self.ended:
            self.started.pop()
            self.waiting = [job for job in self.owner if job in {*self.waiting, self.running}]
        self.running = None

    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        known = [*self.waiting, *self.ended, *([self.running] if self.running else [])]
        if not known:
            return
        job_id = data.draw(st.sampled_from(known))
        self.run(self.store.cancel(self.owner[job_id], job_id))
        self.ended.setdefault(job_id, StoredState.CANCELLED)
        self.waiting = [each for each in self.waiting if each != job_id]

    @invariant()
    def agrees(self) -> None:
        for position, job_id in enumerate(self.turns(), 1):
            job = self.run(self.store.get(self.owner[job_id], job_id))
            assert job.queue_position == position
        for job_id, state in self.ended.items():
            assert self.run(self.store.get(self.owner[job_id], job_id)).state is state
        assert self.run(self.store.queue_length()) == len(self.waiting)

    def teardown(self) -> None:
        self.database.close()
        self.folder.cleanup()


def _last(served: list[str], owner: str) -> int:
    """When this owner was served last, -1 for never; equal for none but the never served."""
    return max((turn for turn, each in enumerate(served) if each == owner), default=-1)


TestQueueMachine = QueueMachine.TestCase
TestQueueMachine.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)


def test_the_queue_is_the_same_in_postgresql(postgres: PostgresServer) -> None:
    class PostgresQueueMachine(QueueMachine):
        pass

    PostgresQueueMachine.postgres = postgres
    run_state_machine_as_test(
        PostgresQueueMachine, settings=settings(TestQueueMachine.settings, max_examples=8)
    )
