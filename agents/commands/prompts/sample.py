"""One value for each input of a prompt, from `sample.yaml`, to show and to try prompts on."""

from pathlib import Path

from pydantic import ValidationError

from agents.backends.llm_prompts import PROMPT_ROLES
from agents.backends.notes import Notes
from agents.backends.noting.telling import Known, list_faults, list_hidden, list_note_inputs, tell_notes
from agents.backends.prompt_uses import NOTES
from tools.errors import UsageError
from tools.files.text import TextFault, read_content
from tools.files.yaml_text import decode_yaml
from tools.prompts import DEFAULT_PACK
from tools.prompts.folder import examine_prompts
from tools.prompts.lexicon import load_lexicon
from tools.prompts.prompt import Prompt, PromptMessage
from tools.prompts.replies import NumberedObjection
from tools.records import Box, Message, MinedRule, Objection, Record, Rule, find_fault

SAMPLE_FILE = "sample.yaml"


class SampleInputs(Record):
    """One value for each input, to show prompts on; `about` names it as a sample.

    What is made from others, such as `notes`, is made of the sample as of an image.
    """

    about: str
    caption: str
    captions: tuple[str, ...]
    bboxes: tuple[Box, ...]
    rules: tuple[Rule, ...]
    requirements: tuple[Rule, ...]
    instruction: tuple[Message, ...]
    failures: tuple[Objection, ...]
    findings: tuple[Objection, ...]
    reasons: tuple[Objection, ...]
    question: str
    objections: tuple[Objection, ...] = ()
    previous: str = ""
    originals: tuple[str, ...] = ()
    earlier: tuple[Objection, ...] = ()
    mined: tuple[MinedRule, ...] = ()
    directives: tuple[str, ...] = ()
    caption_findings: tuple[NumberedObjection, ...] = ()
    evidence: Notes | None = None
    sees_image: bool = False


def load_sample(prompts_dir: Path) -> SampleInputs:
    """Read `sample.yaml` of a folder.

    Raises:
        MissingError: there is none.
        UsageError: it is not as `SampleInputs` says.
    """
    path = prompts_dir / SAMPLE_FILE
    try:
        return SampleInputs.model_validate(decode_yaml(read_content(path, f"copy it from {DEFAULT_PACK}.")))
    except TextFault as error:
        raise UsageError(f"{path} is {error}; mend it there") from error
    except ValidationError as error:
        place, why = find_fault(error)
        legal = ", ".join(SampleInputs.model_fields)
        raise UsageError(f"{path}: {place or 'the whole'}: {why.lower()}; legal: {legal}.") from error


def fill_prompt(prompt: Prompt, sample: SampleInputs) -> tuple[PromptMessage, ...]:
    """A prompt with the values of a sample.

    Raises:
        UsageError: the prompt has an input that the sample has not, or cannot be rendered.
    """
    values = _list_values(prompt, sample)
    unknown = [name for name in prompt.inputs if name not in values]
    if unknown:
        raise UsageError(
            f"{prompt.path}: the sample has no value for {', '.join(unknown)}; it has: {', '.join(values)}."
        )
    return prompt.render(**{name: values[name] for name in prompt.inputs})


def _list_values(prompt: Prompt, sample: SampleInputs) -> dict[str, object]:
    values: dict[str, object] = {name: getattr(sample, name) for name in SampleInputs.model_fields if name != "about"}
    if set(prompt.inputs) <= values.keys():
        return values
    lexicon = load_lexicon(prompt.path.parent)
    notes = examine_prompts(prompt.path.parent).prompts.get(NOTES)
    known = Known(sample.captions, sample.bboxes, sample.evidence)
    faults = list_faults(lexicon) if PROMPT_ROLES.get(prompt.id) == "judge" else list_hidden(lexicon)
    words = lexicon.pack.words
    return {**list_note_inputs(known, words), **values, "notes": tell_notes(notes, known, words), "faults": faults}
