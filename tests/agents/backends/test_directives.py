"""Writers are asked for something of their own, and are shown examples of their own; the paper's are not."""

import asyncio

import pytest
from scripted_server import scripted_server

from agents.backends import WriteRequest
from agents.backends.llm import LlmBackend
from agents.backends.parts import BackendParts
from agents.backends.settings import LlmSettings
from tools.errors import RejectError
from tools.prompts import DEFAULT_PACK
from tools.prompts.lexicon import load_lexicon
from tools.prompts.requests import load_directives
from tools.records import KINDS


def list_asked(tmp_path, monkeypatch, **settings):
    """What is asked for twelve images: by kind and image, the rendered messages."""
    asked = {}
    with scripted_server() as server:
        parts = BackendParts(DEFAULT_PACK, load_lexicon(DEFAULT_PACK), tmp_path, None, 4)
        backend = LlmBackend(LlmSettings(model="m", base_url=server.url, **settings), parts)

        async def note(request, origin, image):
            asked[origin.role.removeprefix("task-"), origin.image_id] = request.messages
            raise RejectError("noted", "nothing is asked")

        monkeypatch.setattr(backend, "_fetch", note)

        async def ask():
            for kind in KINDS:
                for image in range(12):
                    request = WriteRequest(
                        seed=0, image_id=str(image), kind=kind, captions=("A dog runs.",), boxes=(), rules=(), round=1
                    )
                    with pytest.raises(RejectError, match="nothing is asked"):
                        await backend.write_instruction(request)
            await backend.close()

        asyncio.run(ask())
    return asked


def test_each_image_has_its_own_directives_and_examples(tmp_path, monkeypatch):
    asked = list_asked(tmp_path, monkeypatch)
    directives = load_directives(DEFAULT_PACK)
    for (kind, image), messages in asked.items():
        for line in directives.draw(kind, 0, image):
            assert f"\n- {line}" in messages[-1]["content"]
    for kind in KINDS:
        shown = {str(messages[1:-1]) for (asked_kind, _), messages in asked.items() if asked_kind == kind}
        assert len(shown) >= 3, f"{kind}: twelve images see at least three of the four sets"


def test_without_them_all_images_are_asked_alike(tmp_path, monkeypatch):
    asked = list_asked(tmp_path, monkeypatch, directives="off", examples="fixed")
    for kind in KINDS:
        assert len({str(messages) for (asked_kind, _), messages in asked.items() if asked_kind == kind}) == 1
