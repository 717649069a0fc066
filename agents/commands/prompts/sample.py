"""One value for each input of a prompt, from `sample.yaml`, to show and to try prompts on."""

from pathlib import Path

from pydantic import ValidationError

from agents.backends.notes import Notes
from tools.errors import UsageError
from tools.files.text import TextFault, read_content
from tools.files.yaml_text import decode_yaml
from tools.prompts import DEFAULT_PACK
from tools.prompts.prompt import Prompt, PromptMessage
from tools.records import Box, Message, Objection, Record, Rule, find_fault

SAMPLE_FILE = "sample.yaml"


class SampleInputs(Record):
    """One value for each input, to show prompts on; `about` names it as a sample."""

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
    values = {name: getattr(sample, name) for name in SampleInputs.model_fields if name != "about"}
    unknown = [name for name in prompt.inputs if name not in values]
    if unknown:
        raise UsageError(
            f"{prompt.path}: the sample has no value for {', '.join(unknown)}; it has: {', '.join(values)}."
        )
    return prompt.render(**{name: values[name] for name in prompt.inputs})
