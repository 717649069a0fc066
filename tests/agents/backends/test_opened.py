"""What is open inside of a block: the innermost, in the tasks that are started there, and never behind it."""

import asyncio

import pytest

from agents.backends.draws import FIRST, Draw, find_draw, open_draw
from agents.backends.usage import Usage, count, open_meter


def test_what_was_open_before_is_open_again_even_after_a_fault():
    assert find_draw() == FIRST
    with open_draw(Draw(2)):
        with pytest.raises(ValueError, match="inside"), open_draw(Draw(1, is_over=True)) as draw:
            assert find_draw() is draw
            raise ValueError("inside")
        assert find_draw() == Draw(2)
    assert find_draw() == FIRST


def test_each_conversation_has_a_meter_of_its_own_that_its_tasks_share():
    async def ask(model):
        await asyncio.sleep(0)
        count(Usage(model=model, requests=1))

    async def talk(model):
        with open_meter() as meter:
            await asyncio.gather(ask(model), ask(model))
        count(Usage(model="outside"))
        return meter.read()

    async def go():
        return await asyncio.gather(talk("a"), talk("b"))

    assert asyncio.run(go()) == [(Usage(model="a", requests=2),), (Usage(model="b", requests=2),)]
