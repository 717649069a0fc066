"""One real question of each prompt that the agents ask with, on the pack's sample, as a run would ask it."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from agents.backends.llm_prompts import PROMPT_ROLES, find_judge_prompt, load_used_prompts
from agents.backends.settings import LlmSettings
from agents.checks.captions import require_caption
from agents.commands.prompts.sample import SampleInputs, fill_prompt, load_sample
from tools.endpoint.messages import ChatRequest
from tools.endpoint.preflight import Trial
from tools.prompts.lexicon import load_lexicon
from tools.prompts.prompt import Prompt


def list_trials(settings: LlmSettings, pack: Path) -> tuple[Trial, ...]:
    """The questions, with the settings' models and sampling, and how a run reads their replies.

    Raises:
        MissingError: the pack lacks a prompt or its sample.
        UsageError: a file of the pack is not sound.
    """
    prompts, sample = load_used_prompts(pack), load_sample(pack)
    labels = load_lexicon(pack).pack.words.caption_labels
    return tuple(
        Trial(
            name=f"{role}: {name}",
            request=ChatRequest(
                model=settings.find_model(role),
                messages=tuple(
                    {"role": message.role, "content": message.content} for message in fill_prompt(prompts[name], sample)
                ),
                options=settings.find_options(role, prompts[name]),
                n=prompts[name].sampling.n,
            ),
            read=_choose_reader(name, prompts[name], sample, labels),
        )
        for name, role in PROMPT_ROLES.items()
        if name in prompts and name not in {"debate", "debate_alone"} - {find_judge_prompt(prompts, settings.judge)}
    )


def _choose_reader(name: str, prompt: Prompt, sample: SampleInputs, labels: tuple[str, ...]) -> Callable[[str], object]:
    return partial(_read, prompt, labels, sample.caption if name == "caption_filter" else None)


def _read(prompt: Prompt, labels: tuple[str, ...], original: str | None, text: str) -> object:
    record = prompt.parse(text, labels)
    if original is not None:
        require_caption(getattr(record, "caption", ""), original)
    return record
