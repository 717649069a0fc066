"""A user's executor in one file: one image at a time, the one that was submitted last first."""

from agents.conversation.process import process
from tools.records import Record
from tools.registry import Entry, register


class StackSettings(Record):
    is_loud: bool = False


class StackExecutor:
    def __init__(self, resources, is_loud: bool) -> None:
        self._resources = resources
        self._is_loud = is_loud
        self._jobs = []
        self._book = None

    def publish(self, book):
        self._book = book

    def submit(self, job):
        self._jobs.append((job, self._book))

    async def completed(self):
        while True:
            job, book = self._jobs.pop()
            if self._is_loud:
                print(f"image {job.photo.image_id}")  # noqa: T201
            yield await process(job, book, self._resources)

    async def close(self):
        self._jobs.clear()


def make_stack(settings: StackSettings, resources, spec) -> StackExecutor:
    return StackExecutor(resources, settings.is_loud)


register("executor", Entry("stack", "one image at a time, the last one first", make_stack, settings=StackSettings))
