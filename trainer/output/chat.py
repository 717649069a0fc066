"""`python -m trainer.chat`: talk with a model about images, in the terminal, in the browser, or about a whole folder.

python -m trainer.chat --model exports/llava --image a.png --question "What is there?"
python -m trainer.chat --model exports/llava --image a.png                   # questions until an empty line
python -m trainer.chat --model exports/llava --web --against http://localhost:8000/v1
python -m trainer.chat --model exports/llava --folder images --question "What is warm?" --out answers.jsonl
"""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple

import typer

from tools.endpoint import KEY_VARIABLE
from tools.errors import MissingError, ToolkitError, UsageError
from tools.prompts import DEFAULT_PACK
from tools.prompts.option import PACK_FLAGS, PACK_HELP
from tools.terminal.bars import LiveBar
from tools.terminal.cli import make_app, run_app, stderr, stdout

if TYPE_CHECKING:
    from trainer.output.talk.local import LocalModel
    from trainer.output.talk.many import AnswerRow
    from trainer.output.talk.talk import ChatModel, Opening, Talk

MOST_TOKENS = 256
BATCH = 8
ADDRESSES = ("http://", "https://")
MANY, SECOND, PAGE = "A folder of images", "A second model", "In the browser"
app = make_app("Talk with a model about images.")

ImageFile = Annotated[Path | None, typer.Option("--image", help="An image file; in the browser choose others there.")]
QuestionText = Annotated[
    str, typer.Option("--question", help="Ask this and stop; without it, ask until an empty line.")
]
Told = Annotated[
    Literal["off", "on"], typer.Option("--context", help="on: the model is told before what the pack's images show.")
]
Device = Annotated[str | None, typer.Option("--device", help="cpu, cuda or cuda:N; the first GPU when there is one.")]
Longest = Annotated[int, typer.Option("--max-new-tokens", help="Longest answer.", min=1)]
PackFolder = Annotated[Path, typer.Option(*PACK_FLAGS, help=PACK_HELP)]
ImageFolder = Annotated[
    Path | None, typer.Option("--folder", help="Ask --question about every image in it.", rich_help_panel=MANY)
]
Out = Annotated[
    Path | None,
    typer.Option("--out", help="Answers (JSONL); run again on the same file to go on.", rich_help_panel=MANY),
]
Batch = Annotated[int, typer.Option("--batch", help="Images at once.", min=1, rich_help_panel=MANY)]
Against = Annotated[
    str | None,
    typer.Option("--against", help="Model folder, or an endpoint's address up to /v1.", rich_help_panel=SECOND),
]
ModelName = Annotated[
    str | None, typer.Option("--model-name", help="What an endpoint calls the model.", rich_help_panel=SECOND)
]
KeyVariable = Annotated[
    str, typer.Option("--key-variable", help="Environment variable with its key.", rich_help_panel=SECOND)
]
Web = Annotated[bool, typer.Option("--web", help="Talk in the browser.", rich_help_panel=PAGE)]
Port = Annotated[
    int,
    typer.Option("--port", help="Port to listen on; 0 is any that is free.", min=0, max=65535, rich_help_panel=PAGE),
]
Host = Annotated[
    str,
    typer.Option(
        "--host",
        help="Address to listen on; another than this machine's own needs STUDIO_PASSWORD to be set.",
        rich_help_panel=PAGE,
    ),
]


class Loading(NamedTuple):
    """How local models are loaded."""

    device: str | None
    most_tokens: int


class Many(NamedTuple):
    """One question about a folder of images, and where the answers go."""

    folder: Path
    out: Path
    question: str
    batch: int


class AnswerBar(LiveBar):
    """The progress of answers about a folder, on stderr."""

    def __init__(self, total: int) -> None:
        super().__init__("outcome")
        self._failed = 0
        self._task = self._bar.add_task("images", total=total, outcome="")

    def hear(self, row: "AnswerRow") -> None:
        """Count one row."""
        self._failed += bool(row.error)
        self._bar.update(self._task, advance=1, outcome=f"not read {self._failed}" if self._failed else "")


@app.command()
def chat(  # noqa: PLR0913, PLR0917 - a parameter an option
    model: Annotated[Path, typer.Option(help="A model folder.")],
    image: ImageFile = None,
    question: QuestionText = "",
    context: Told = "off",
    device: Device = None,
    max_new_tokens: Longest = MOST_TOKENS,
    pack: PackFolder = DEFAULT_PACK,
    against: Against = None,
    model_name: ModelName = None,
    key_variable: KeyVariable = KEY_VARIABLE,
    folder: ImageFolder = None,
    out: Out = None,
    batch: Batch = BATCH,
    web: Web = False,
    port: Port = 7860,
    host: Host = "127.0.0.1",
) -> None:
    """Talk with a model about images. Example: python -m trainer.chat --model exports/llava --image a.png"""
    loading, is_told = Loading(device, max_new_tokens), context == "on"
    if folder is not None or out is not None:
        _refuse_half(folder, out, question, others=image is not None or against is not None or web)
        _ask_folder(model, loading, Many(Path(folder or ""), Path(out or ""), question, batch), pack, is_told=is_told)
        return
    if image is None and not web:
        raise UsageError("give an image with --image, a folder of them with --folder, or --web to choose one there")
    if web:
        _check_web(host, port)
    opening = _open(model, loading, (against, model_name, key_variable), image, (pack, is_told))
    if web:
        _serve(opening, host, port)
    else:
        _talk(opening, question)


def _refuse_half(folder: Path | None, out: Path | None, question: str, *, others: bool) -> None:
    if folder is None or out is None or not question:
        raise UsageError("--folder DIR, --question TEXT and --out answers.jsonl belong together; give all three")
    if others:
        raise UsageError("--folder asks one model about its images; leave --image, --against and --web out")


def _open(
    model: Path,
    loading: Loading,
    second: tuple[str | None, str | None, str],
    image: Path | None,
    telling: tuple[Path, bool],
) -> "Opening":
    """All that a talk begins with; what is quick to fail comes first.

    Raises:
        MissingError, UsageError, ImageError: a folder is no model, the file is no image, the pack tells nothing.
    """
    from trainer.output.talk.prompting import Context

    words = Context(telling[0])
    picture = None
    if image is not None:
        from trainer.output.talk.pictures import open_picture

        picture = open_picture(image)
    models: list[ChatModel] = [_load(model, loading)]
    against, name, key_variable = second
    if against is not None and against.startswith(ADDRESSES):
        from trainer.output.talk.server import open_server

        models.append(open_server(against, name, key_variable, loading.most_tokens))
    elif against is not None:
        models.append(_load(Path(against), loading))
    from trainer.output.talk.talk import Opening, tell_apart

    return Opening(tell_apart(models), words, picture, telling[1])


def _load(folder: Path, loading: Loading) -> "LocalModel":
    """A model folder, with what has to be known of it said on stderr.

    Raises:
        MissingError, UsageError: it is no model.
    """
    from tools.weights import require_torch

    require_torch("chatting with a model", "transformers")
    from trainer.output.talk.local import load_local

    found = load_local(folder, *loading)
    if found.warning:
        stderr.print(found.warning, style="yellow", soft_wrap=True)
    return found


def _ask_folder(model: Path, loading: Loading, many: Many, pack: Path, *, is_told: bool) -> None:
    """Answer, with a bar; images that cannot be read are rows with a reason.

    Raises:
        ToolkitError: some of them; MissingError: all.
    """
    from trainer.output.talk.many import Asked, answer_folder, describe_frozen, find_rest, list_names
    from trainer.output.talk.prompting import Context

    names, wording = list_names(many.folder), Context(pack).put(many.question, is_told=is_told)
    if not (model / "config.json").is_file():
        raise MissingError(f"--model {model}: no model folder, it has no config.json; give the folder of a saved model")
    frozen = describe_frozen(model, wording, loading.most_tokens, many.batch)
    asked = Asked(many.folder, names, wording, many.batch, frozen)
    find_rest(asked, many.out)  # refuses before a model is loaded
    opened = _load(model, loading)
    with AnswerBar(len(names)) as bar:
        rows = answer_folder(opened, asked, many.out, bar.hear)
    failed = [row for row in rows if row.error]
    stdout.print(f"{len(rows) - len(failed)} answers in {many.out}", soft_wrap=True)
    if failed:
        kind = MissingError if len(failed) == len(rows) else ToolkitError
        raise kind(
            f"{len(failed)} of {len(rows)} images cannot be read, e.g. {failed[0].image}: {failed[0].error}; the "
            "rows say why, and the same command tries them again"
        )


def _talk(opening: "Opening", question: str) -> None:
    """Questions from the terminal until an empty line, or the one that is given; answers on stdout."""
    talk = opening.begin()
    if question:
        _answer(talk, question, is_told=opening.is_told)
        return
    stderr.print("Ask about the image; an empty line ends.")
    while True:
        stderr.print("? ", end="")
        line = sys.stdin.readline().strip()
        if not line:
            return
        _answer(talk, line, is_told=opening.is_told)


def _answer(talk: "Talk", question: str, *, is_told: bool) -> None:
    """Print an answer as it comes; of several models each under its name, once all is said.

    Raises:
        ToolkitError: a model cannot answer.
    """
    shown = ""
    for turn in talk.ask(question, is_told=is_told):
        now = turn.said[0].answer
        if len(turn.said) == 1 and now.startswith(shown):
            stdout.print(now[len(shown) :], end="", soft_wrap=True)
            shown = now
    if len(turn.said) == 1:
        stdout.print()
    else:
        for said in turn.said:
            stdout.print(f"{said.model}: {said.answer or said.error}", soft_wrap=True)
    if talk.fault is not None:
        raise talk.fault


def _check_web(host: str, port: int) -> None:
    """What a page needs, before a model is loaded.

    Raises:
        MissingError: the extra `studio`, or a password that the address needs.
    """
    from tools.registry.extras import require
    from tools.web import Address

    require("studio", "a talk in the browser", "gradio")
    Address(host, port).read_password()


def _serve(opening: "Opening", host: str, port: int) -> None:
    """The talk in the browser, until Ctrl-C."""
    from tools.web import Address, serve
    from trainer.output.talk.web import make_page

    serve(make_page(opening), Address(host, port), lambda text: stdout.print(text, soft_wrap=True))


if __name__ == "__main__":
    run_app(app, "python -m trainer.chat")
