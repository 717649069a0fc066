"""What one image may cost before it is asked about: requests and tokens, at the least and at the most, by model.

At the least every reply is as short as the shortest worked example of its prompt and every debate ends with its first
round. At the most every reply is as long as it may be, every question is asked as often as `content_attempts` allows,
no debate is accepted before its last round, and the endpoint ignores `n`, so that each reply pays for its prompt.
Likely is no bound: replies as long as the worked examples, every debate on an instruction with one rejection and a
mined rule, and in one image of ten a caption that is objected to, edited, judged again and mined from.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from agents.backends.clean import is_spared
from agents.backends.llm_prompts import PROMPT_ROLES, find_judge_prompt
from agents.backends.notes import MOST_LINES, Notes
from agents.backends.noting.telling import FaultKind, Known, list_hidden, tell_notes
from agents.backends.prompt_uses import NOTES
from agents.backends.prompt_values import list_for_judge
from agents.backends.settings import LlmSettings
from agents.config import Role
from agents.conversation.protocol import Job
from tools.endpoint.tokens import TokenCounter, make_counter
from tools.prompts.folder import load_prompts
from tools.prompts.lexicon import Lexicon
from tools.prompts.prompt import Prompt
from tools.prompts.replies import MOST_CLAIMS
from tools.records import Rule

MESSAGE_TOKENS = 4
RULE_TOKENS = 4
MINED_RULE_TOKENS = 45
BOX_TOKENS = 24
CONTRADICTION_TOKENS = 60
CLASSES_IN_CAPTION = 4
IMAGE_TOKENS = (80, 1600)
LINE_TOKENS = 20
NOTED_TOKENS = (0, 8 * LINE_TOKENS, 2 * (MOST_LINES + MOST_CLAIMS) * LINE_TOKENS)
"""What was measured in an image, as prompts have it: at the least, likely, at the most."""
LONGEST_REPLY_TOKENS = 4096
ESTIMATE_MARGIN = 1.3
OBJECTED_EVERY = 10
"""The likely forecast has an objection to a caption in one image of so many."""


class Workload(NamedTuple):
    """Requests and their tokens."""

    requests: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0

    def plus(self, other: "Workload") -> "Workload":
        """Both together."""
        return Workload(*(mine + its for mine, its in zip(self, other, strict=True)))


Workloads = dict[str, Workload]
NOTHING = Workload()


class Forecast(NamedTuple):
    """Workload by model, at the least, likely, and at the most."""

    least: Workloads
    likely: Workloads
    most: Workloads


def add_workloads(total: Workloads, more: Workloads) -> None:
    """Add `more` to `total`, model by model."""
    for model, workload in more.items():
        total[model] = total.get(model, Workload()).plus(workload)


class _Size(NamedTuple):
    """A prompt's own tokens without what is put in, and its shortest, usual and longest reply.

    Attributes:
        more: own tokens that it has besides where something was measured in the image.
    """

    fixed: int
    more: int
    shortest: int
    usual: int
    longest: int


class Forecaster:
    """Says what an image may cost.

    Args:
        settings: models, sampling and judge.
        prompts: the prompts by id.
        lexicon: for captions that are not sent.
        counter: counts tokens.
        candidates, max_rounds: of the run.
    """

    def __init__(
        self,
        settings: LlmSettings,
        prompts: dict[str, Prompt],
        lexicon: Lexicon,
        counter: TokenCounter,
        candidates: int,
        max_rounds: int,
    ) -> None:
        self._settings = settings
        self._lexicon = lexicon
        self._counter = counter
        self._candidates = candidates
        self._rounds = max_rounds
        self._prompts = prompts
        self._notes = prompts.get(NOTES)
        self._sizes = {
            name: self._measure(prompts[name], role) for name, role in PROMPT_ROLES.items() if name in prompts
        }
        self._counted: dict[str, int] = {}
        self._noted = (0, 0, 0)
        self._debates_captions = False

    def expect_evidence(self) -> None:
        """What is measured in images stands in the prompts about them."""
        self._noted = NOTED_TOKENS

    def expect_caption_debate(self) -> None:
        """Captions are judged, in one request an image and more where one is objected to."""
        self._debates_captions = "judge_captions" in self._sizes

    @property
    def counted(self) -> str:
        """How tokens are counted, for people."""
        return self._counter.name

    def _measure(self, prompt: Prompt, role: Role) -> _Size:
        measured = self._count_own(prompt, role, Notes(facts=()))
        fixed = measured if prompt.id == "sensor" else self._count_own(prompt, role, None)
        examples = [self._counter.count(part.source) for part in prompt.sections if part.role == "assistant"]
        options = self._settings.find_options(role, prompt)
        longest = int(options.get("max_tokens") or options.get("max_completion_tokens") or LONGEST_REPLY_TOKENS)
        usual = sum(examples) // len(examples) if examples else longest // 2
        return _Size(fixed, max(0, measured - fixed), min(examples, default=1), usual, longest)

    def _count_own(self, prompt: Prompt, role: Role, noted: Notes | None) -> int:
        faults: Sequence[FaultKind] = list_hidden(self._lexicon) if self._settings.writer_list == "on" else ()
        if role == "judge":
            faults = list_for_judge(self._lexicon, self._settings.judge)
        texts = {"caption": "", "question": "", "notes": ""}
        given = {**texts, "evidence": noted, "faults": faults, "sees_image": self._settings.vision}
        empty = {name: given.get(name, ()) for name in prompt.inputs}
        return sum(self._counter.count(message.content) + MESSAGE_TOKENS for message in prompt.render(**empty))

    def count(self, text: str) -> int:
        """Tokens of a short text that comes again and again, such as a rule."""
        if text not in self._counted:
            self._counted[text] = self._counter.count(text)
        return self._counted[text]

    def count_rules(self, rules: Iterable[Rule]) -> int:
        """Tokens of a rule book as the prompts show it."""
        return sum(self.count(rule.text) + self.count(rule.category) + RULE_TOKENS for rule in rules)

    def forecast(self, job: Job, rules_least: int, rules_most: int) -> Forecast:
        """What an image may cost with a rule book of so many tokens."""
        found = Forecast({}, {}, {})
        if job.fault is not None or not (job.photo.captions or job.is_captioned_here):
            return found
        if job.photo.captions:
            self._add_captions(job, found, rules_least, rules_most)
        elif "caption_image" in self._sizes:
            self._add_image_caption(job, found, rules_least, rules_most)
        if self._debates_captions:
            self._add_caption_debate(job, found, rules_least, rules_most)
        for kind in job.kinds:
            if kind in self._sizes:
                self._add_debate(job, kind, found, rules_least, rules_most)
        return found

    def _find_noted(self, size: _Size) -> tuple[int, int, int]:
        """Tokens of what was measured and of what the prompt says about it, at the least, likely, at the most."""
        least, likely, most = self._noted
        more = size.more if most else 0
        return least, likely + more, most + more

    def _count_boxes(self, job: Job) -> int:
        """Tokens of the boxes as writer and judge are told of them."""
        if self._notes is None:
            return sum(self.count(box.label) + BOX_TOKENS for box in job.photo.boxes)
        known = Known((), job.photo.boxes, is_raw=self._settings.notes == "raw")
        return self._counter.count(tell_notes(self._notes, known, self._lexicon.pack.words))

    def _count_contradictions(self, job: Job) -> int:
        """At the most: what a caption may name, and what has boxes."""
        if self._notes is None or self._settings.notes == "raw":
            return 0
        labels = {box.label for box in job.photo.boxes}
        return CONTRADICTION_TOKENS * (CLASSES_IN_CAPTION * len(job.photo.captions) + len(labels))

    def _count_earlier(self, job: Job, kind: str) -> tuple[int, int]:
        """At the most: what was objected to and what was mined before an instruction of a kind is begun."""
        if self._settings.recall == "off":
            return 0, 0
        rounds = self._rounds * job.kinds.index(kind)
        judge, captions = self._sizes[self._judge], self._sizes.get("judge_captions")
        objected = rounds * judge.longest
        if captions is not None and self._debates_captions:
            objected, rounds = objected + 2 * captions.longest, rounds + 2
        return objected, rounds * self._sizes["rule_mining"].longest

    @property
    def _judge(self) -> str:
        return find_judge_prompt(self._prompts, self._settings.judge)

    def _add_image_caption(self, job: Job, found: Forecast, rules_least: int, rules_most: int) -> None:
        size = self._sizes["caption_image"]
        seen = IMAGE_TOKENS if self._settings.vision else (0, 0)
        noted = self._find_noted(size)
        own = size.fixed + self._count_boxes(job)
        refused = self._candidates * size.longest  # what earlier captions were refused for, quoted
        least = Workload(1, own + rules_least + seen[0], size.shortest * self._candidates)
        likely = Workload(1, own + noted[1] + (rules_least + rules_most + seen[1]) // 2, size.usual * self._candidates)
        most = Workload(1, own + noted[2] + rules_most + seen[1] + refused, size.longest)
        self._add("caption", found, least, likely, Workload(*(self._candidates * each for each in most)))

    def _add_captions(self, job: Job, found: Forecast, rules_least: int, rules_most: int) -> None:
        size = self._sizes["caption_filter"]
        for sample, caption in enumerate(job.photo.captions):
            if self._settings.skip_clean_captions and is_spared(
                job.seed, job.photo.image_id, sample, caption, self._lexicon
            ):
                continue
            own = size.fixed + self._counter.count(caption)
            least = Workload(1, own + rules_least, size.shortest * self._candidates)
            likely = Workload(1, own + (rules_least + rules_most) // 2, size.usual * self._candidates)
            most = Workload(*(self._candidates * each for each in (1, own + rules_most, size.longest)))
            self._add("caption", found, least, likely, most)

    def _add_caption_debate(self, job: Job, found: Forecast, rules_least: int, rules_most: int) -> None:
        """Judged at once at the least; at the most each is objected to, edited, and judged once more."""
        edit, judge, mining = (self._sizes[name] for name in ("caption_filter", "judge_captions", "rule_mining"))
        noted, count = self._find_noted(judge), max(1, len(job.photo.captions))
        texts = [self._counter.count(caption) for caption in job.photo.captions] or [edit.usual]
        low, high = IMAGE_TOKENS if self._settings.judge == "vision" else (0, 0)
        rules = (rules_least + rules_most) // 2
        once = Workload(1, judge.fixed + noted[1] + sum(texts) + (low + high) // 2, 1)
        self._add("judge", found, Workload(1, judge.fixed + count * edit.shortest + low, 1), once)
        if job.index % OBJECTED_EVERY == OBJECTED_EVERY - 1:
            again = Workload(1, judge.fixed + noted[1] + texts[0] + (low + high) // 2, judge.usual)
            asked = edit.fixed + rules + 2 * texts[0] + judge.usual
            self._add("judge", found, likely=again)
            self._add("caption", found, likely=Workload(1, asked, edit.usual * self._candidates))
            self._add("rules", found, likely=Workload(1, mining.fixed + rules + judge.usual, mining.usual))
        # findings quote the captions; what the objections say of one caption is at most the whole reply
        prompt = judge.fixed + noted[2] + 3 * count * edit.longest + high
        self._add("judge", found, most=Workload(2, 2 * prompt, 2 * judge.longest))
        asked = (
            mining.fixed + rules_most + judge.longest + mining.longest
        )  # the second round knows what the first mined
        self._add("rules", found, most=Workload(2, 2 * asked, 2 * mining.longest))
        for tokens in texts:
            asked = edit.fixed + rules_most + mining.longest + tokens + edit.longest + judge.longest
            most = Workload(*(self._candidates * each for each in (1, asked, edit.longest)))
            self._add("caption", found, most=most)

    def _add_debate(self, job: Job, kind: str, found: Forecast, rules_least: int, rules_most: int) -> None:
        task, judge, mining = (self._sizes[name] for name in (kind, self._judge, "rule_mining"))
        written, judged = self._find_noted(task), self._find_noted(judge)
        boxes = self._count_boxes(job)
        captions = sum(self._counter.count(caption) for caption in job.photo.captions)
        seen = IMAGE_TOKENS if self._settings.judge == "vision" else (0, 0)
        rules = (rules_least + rules_most) // 2
        own, noted = task.fixed + boxes, 0 if self._settings.judge == "text-only" else boxes
        self._add(
            "task",
            found,
            Workload(1, own + rules_least, task.shortest),
            Workload(2, 2 * (own + written[1] + rules + captions) + judge.usual, 2 * task.usual),
        )
        self._add(
            "judge",
            found,
            Workload(1, judge.fixed + noted + task.shortest + seen[0], 1),
            Workload(
                2,
                2 * (judge.fixed + (noted and noted + captions) + judged[1] + task.usual + seen[1] // 2),
                judge.usual + 1,
            ),
        )
        self._add("rules", found, likely=Workload(1, mining.fixed + rules + judge.usual, mining.usual))
        self._add_longest_debate(job, kind, found, own, rules_most)

    def _add_longest_debate(self, job: Job, kind: str, found: Forecast, own: int, rules_most: int) -> None:
        """No attempt before the last is accepted, and each request holds all that was said before."""
        task, judge, mining = (self._sizes[name] for name in (kind, self._judge, "rule_mining"))
        written, judged = self._find_noted(task)[2], self._find_noted(judge)[2]
        captions = sum(self._counter.count(caption) for caption in job.photo.captions)
        captions = max(captions, self._sizes["caption_filter"].longest * max(1, len(job.photo.captions)))
        known = own - task.fixed + captions + self._count_contradictions(job)
        seen = IMAGE_TOKENS[1] if self._settings.judge == "vision" else 0
        objected, mined = self._count_earlier(job, kind)
        for number in range(self._rounds):
            now = mined + number * mining.longest if self._settings.recall == "on" else 0
            prompt = task.fixed + known + written + rules_most + objected + now + number * judge.longest
            self._add("task", found, most=Workload(1, prompt, task.longest))
            noted = 0 if self._settings.judge == "text-only" else known + objected + now
            prompt = judge.fixed + noted + judged + 2 * task.longest + seen  # findings quote the instruction
            self._add("judge", found, most=Workload(1, prompt, judge.longest))
            asked = mining.fixed + rules_most + now + judge.longest
            self._add("rules", found, most=Workload(1, asked, mining.longest))

    def _add(
        self,
        role: Role,
        found: Forecast,
        least: Workload = NOTHING,
        likely: Workload = NOTHING,
        most: Workload = NOTHING,
    ) -> None:
        """Add to all; at the most each question is asked again, and an estimate of tokens errs on the safe side."""
        model = self._settings.find_model(role)
        margin = ESTIMATE_MARGIN if self._counter.is_estimate else 1.0
        times = self._settings.content_attempts
        bound = Workload(
            most.requests * times, int(most.prompt_tokens * margin) * times, most.completion_tokens * times
        )
        add_workloads(found.least, {model: least})
        add_workloads(found.likely, {model: likely})
        add_workloads(found.most, {model: bound})


def make_forecaster(
    settings: LlmSettings, prompts: Path, lexicon: Lexicon, candidates: int, max_rounds: int
) -> Forecaster:
    """What the `llm` backend's replies may cost; see the trait `forecaster` of the table of backends."""
    counter = make_counter(settings.model)
    return Forecaster(settings, load_prompts(prompts), lexicon, counter, candidates, max_rounds)
