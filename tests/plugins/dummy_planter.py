"""A scripted writer with faults: the template backend's texts, and in three of ten a planted sentence that is wrong.

What is planted follows from seed, image, kind and round alone, so a test can tell afterwards where it stands.
"""

from agents.backends import WriteReply
from agents.backends.parts import BackendParts
from agents.backends.template.backend import TemplateBackend
from agents.checks.places.geometry import find_centre
from agents.english.categories import name_label
from tools.records import Box
from tools.registry import Entry, NoSettings, register
from tools.seeds import make_random

SHARE = 0.3
NUMBERS = ("no", "one", "two", "three", "four", "five", "six")
ABSENT = ("zebra", "kite", "airplane", "bed")
WORDS = {
    "colour": (
        "The {one} is turquoise.",
        "There is something crimson beside the {one}.",
        "A pale green {one} can be seen.",
    ),
    "material": (
        "The {one} is made of granite.",
        "The {one} has a wooden edge.",
        "A concrete wall is next to the {one}.",
    ),
    "print": (
        'The {one} has the words "Keep left" on it.',
        "The {one} bears a logo.",
        "The {one} stands beside a Honda.",
    ),
    "light": ("The {one} casts a shadow.", "The {one} is brightly lit.", "The {one} gleams in the sunlight."),
    "absence": ("Nobody else is around.", "The rest of the scene is empty.", "No zebras are present."),
    "label": ("A {absent} is close to the {one}.", "There is also a {absent}.", "The {absent} is easy to find."),
    "count": ("There are {more} {many} in the image.", "I can see {more} {many}.", "{More} {many} are visible."),
    "position": ("The {one} is on the {wrong} side of the image.", "On the {wrong} there is a {one}."),
}


def plant(seed, image_id, kind, round_, boxes):
    """Kind of fault and sentence, None where the text stays as it is."""
    rng = make_random(seed, image_id, "plant", kind, round_)
    if rng.random() >= SHARE:
        return None
    box = rng.choice(boxes) if boxes else Box(label="wall", box_xyxy_norm=(0.0, 0.0, 1.0, 1.0))
    centre, own = find_centre(box.box_xyxy_norm)[0], [other for other in boxes if other.label == box.label]
    needs = {"count": bool(own), "position": len(own) == 1 and abs(centre - 0.5) > 0.1}
    fault = rng.choice([name for name in WORDS if needs.get(name, True)])
    one, many = name_label(box.label)
    more = NUMBERS[len(own) + 1]
    sentence = rng.choice(WORDS[fault]).format(
        one=one, many=many, more=more, More=more.capitalize(), absent=rng.choice(ABSENT),
        wrong="right" if centre < 0.5 else "left",
    )  # fmt: skip
    return fault, sentence.replace("A airplane", "An airplane").replace("a airplane", "an airplane")


class PlantingBackend(TemplateBackend):
    """Writes with faults; judges as the template backend does."""

    name = "planter"

    def __init__(self, pack):
        super().__init__(pack)
        self.identity = f"planter-1:{self.identity}"

    async def write_instruction(self, request):
        reply = await super().write_instruction(request)
        planted = plant(request.seed, request.image_id, request.kind, request.round, request.boxes)
        if planted is None:
            return reply
        *before, last = reply.messages
        changed = last.model_copy(update={"content": f"{last.content} {planted[1]}"})
        return WriteReply(messages=(*before, changed))


def make_planter(settings: NoSettings, parts: BackendParts) -> PlantingBackend:
    return PlantingBackend(parts.pack)


register("backend", Entry("planter", "plants faults in three of ten texts", make_planter))
