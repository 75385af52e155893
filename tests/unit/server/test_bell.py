"""Who waits for a job hears of it at once, and of places in line in rounds."""

import asyncio

from algovera_desktop.server.bell import ChangeBell

FOR_EVER_S = 60.0


def test_a_job_rings_for_its_own_waiters_only() -> None:
    async def scenario() -> None:
        bell = ChangeBell()
        with bell.waiter("a") as first, bell.waiter("b") as second:
            bell.ring("a")
            await first.wait(FOR_EVER_S)
            assert first.is_rung
            assert not second.is_rung

    asyncio.run(scenario())


def test_rounds_that_follow_each_other_quickly_become_one() -> None:
    async def scenario() -> None:
        bell = ChangeBell()
        with bell.waiter("a") as waiter:
            bell.ring_round()
            await waiter.wait(FOR_EVER_S)
        with bell.waiter("a") as waiter:
            for _ in range(100):
                bell.ring_round()
                await asyncio.sleep(0)
            assert not waiter.is_rung
            await waiter.wait(FOR_EVER_S)
            assert waiter.is_rung

    asyncio.run(scenario())


def test_a_closed_bell_lets_nobody_wait() -> None:
    async def scenario() -> None:
        bell = ChangeBell()
        with bell.waiter("a") as before:
            bell.ring_round()
            bell.close()
            assert before.is_rung
        with bell.waiter("a") as after:
            assert after.is_rung

    asyncio.run(scenario())
