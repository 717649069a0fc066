"""How large published vision-language models are, and any whose configuration is there: nothing of them is downloaded.

A file here holds what a published config.json and preprocessor_config.json say of sizes, and the number of parameters
that was published with them: a test builds each without memory and counts. They were written down from memory, none was
looked up; a folder's own config.json is the better source. A model is added by a file.
"""

from pathlib import Path
from typing import Any

from pydantic import Field

from tools.errors import UsageError
from tools.files.json_text import decode_record
from tools.records import Record
from trainer.model.pretrained import explain_loading

SHAPES = Path(__file__).parent


class Shape(Record):
    """A published model.

    Attributes:
        title: its name; source: where its sizes were published.
        parameters: as published with the weights.
        config: fields of its config.json that say sizes, `model_type` among them.
        pictures: `kind`, a class of transformers that cuts pictures up, and its settings.
    """

    title: str
    source: str
    parameters: int = Field(gt=0)
    config: dict[str, Any]
    pictures: dict[str, Any]

    def make_config(self) -> Any:
        """The configuration, as transformers knows it."""
        from transformers import AutoConfig

        fields = dict(self.config)
        make: Any = AutoConfig.for_model
        with explain_loading(Path(self.title), "the configuration"):
            return make(fields.pop("model_type"), **fields)


def list_shapes() -> list[str]:
    """Names of the published models that are known."""
    return sorted(path.stem for path in SHAPES.glob("*.json"))


def read_shape(name: str) -> Shape:
    """A published model by name.

    Raises:
        UsageError: none is called so.
    """
    path = SHAPES / f"{name.lower()}.json"
    if not path.is_file():
        raise UsageError(f"{name}: no published shape is called so; there are {', '.join(list_shapes())}")
    return decode_record(path.read_bytes(), Shape)
