"""How a scripted server misbehaves as real ones do: refusals, faults inside a 200, wrapping, cut replies."""

import json
from collections.abc import Callable
from typing import Any, NamedTuple

THOUGHT = "The user wants the caption edited. It says red shirt and blue car. I remove the colours."
NO_TEXT = None
HERE_IS = ("Sure! Here it is", "Here is the edited caption")


class Reply(NamedTuple):
    """A status and a body; a body that is text is sent as a stream of events."""

    status: int
    body: Any


WRAPPINGS: dict[str, Callable[[str, bool], str]] = {
    "think": lambda text, _: f"<think>\n{THOUGHT}\n</think>\n\n{text}",
    "thinkempty": lambda text, _: f"<think>\n\n</think>\n\n{text}",
    "thinkline": lambda text, _: f"<think>{THOUGHT}</think> {text}",
    "thinkclose": lambda text, _: f"{THOUGHT}\n</think>\n\n{text}",
    "thinkcloseline": lambda text, _: f"{THOUGHT}</think>{text}",
    "thinkbracket": lambda text, _: f"[THINK]{THOUGHT}[/THINK]{text}",
    "channel": lambda text, _: (
        f"<|channel|>analysis<|message|>{THOUGHT}<|end|><|start|>assistant<|channel|>final<|message|>{text}<|return|>"
    ),
    "fence": lambda text, _: f"```\n{text}\n```",
    "fencejson": lambda text, _: f"```text\n{text}\n```",
    "preamble": lambda text, is_caption: f"{HERE_IS[is_caption]}:\n\n{text}",
    "preline": lambda text, is_caption: f"Sure! Here is the edited caption: {text}" if is_caption else text,
    "afterword": lambda text, _: f"{text}\n\nLet me know if you want it shorter!",
    "zh": lambda text, _: text.replace("Question:", "Question：").replace("Answer:", "Answer："),
    "bold": lambda text, _: text.replace("Question:", "**Question:**").replace("Answer:", "**Answer:**"),
    "num": lambda text, _: text.replace("Question:", "Question 1:").replace("Answer:", "Answer 1:"),
    "qa": lambda text, _: text.replace("Question:", "Q:").replace("Answer:", "A:"),
    "hr": lambda text, _: text.replace("\n===\n", "\n---\n"),
    "eos": lambda text, _: f"{text}<|im_end|>",
    "eot": lambda text, _: f"{text}<|eot_id|>",
    "slash": lambda text, _: f"{text}</s>",
    "runson": lambda text, _: f"{text}<|im_end|>\n<|im_start|>user\nAnd now?",
}  # fmt: skip
REFUSALS: dict[str, tuple[int, Any]] = {
    "n422": (422, {"title": "Unprocessable Entity", "detail": "body -> n\n  Extra inputs are not permitted"}),
    "n400": (400, {"error": {"message": "'n' : number must be at most 1"}}),
    "n500": (500, {"error": {"message": "internal: n>1 unsupported"}}),
    "nosystem": (400, {"error": {"message": "System role not supported", "code": 400}}),
    "nosystem500": (500, {"error": {"message": "Jinja Exception: System role not supported"}}),
    "streamonly": (400, {"error": {"message": "This model only supports stream mode"}}),
    "maxtok": (400, {"error": {"message": "Unsupported parameter: 'max_tokens'; use 'max_completion_tokens'"}}),
    "temp": (400, {"error": {"message": "Unsupported value: 'temperature' does not support 0.8 with this model."}}),
}
FAULTS: dict[str, Any] = {
    "err200": {"error": {"message": "Rate limit exceeded", "code": 429}, "user_id": "u"},
    "err200c": {"id": None, "choices": None, "error": {"message": "Provider returned error", "code": 429}},
    "err200word": {"error": {"message": "try later", "type": "overloaded_error"}},
    "errchoice": {
        "choices": [
            {
                "index": 0,
                "finish_reason": "error",
                "error": {"code": 502, "message": "idle"},
                "message": {"content": ""},
            }
        ]
    },
}
CUT = {"length": "length", "filter": "content_filter", "maxtokens": "max_tokens"}
SILENT: dict[str, tuple[dict[str, Any], str]] = {
    "null": ({"content": NO_TEXT, "reasoning_content": THOUGHT}, "length"),
    "reasoning": ({"content": NO_TEXT, "reasoning_content": THOUGHT}, "stop"),
    "refusalfield": ({"content": NO_TEXT, "refusal": "I'm sorry, I can't help with that."}, "stop"),
    "thinkcut": ({"content": f"<think>\n{THOUGHT}"}, "length"),
    "tools": ({"content": NO_TEXT, "tool_calls": []}, "tool_calls"),
}
PARTS = ("parts", "thinkparts")
UNTOLD = ("nofinish", "nullfinish")
READ = (*WRAPPINGS, "nosystem", "nosystem500", "streamonly", "sse", *PARTS, *UNTOLD)
SINGLE = ("n422", "n400", "n500")
STOPPED = (*FAULTS, "maxtok", "temp")
REJECTED = {"length": "cut", "maxtokens": "cut", "filter": "content_filter", "null": "no_content",
            "reasoning": "no_content", "refusalfield": "refusal", "thinkcut": "cut", "tools": "no_content"}  # fmt: skip
ALL = (*READ, *SINGLE, *STOPPED, *REJECTED)


def refuse(mode: str, request: dict[str, Any]) -> Reply | None:
    """The refusal or fault that a request meets in a mode, before anything is written."""
    has_system = any(message["role"] == "system" for message in request["messages"])
    is_met = {
        **dict.fromkeys(SINGLE, "n" in request), "nosystem": has_system, "nosystem500": has_system,
        "streamonly": not request.get("stream"), "maxtok": "max_tokens" in request,
        "temp": request.get("temperature", 1) != 1,
    }  # fmt: skip
    if is_met.get(mode):
        return Reply(*REFUSALS[mode])
    return Reply(200, FAULTS[mode]) if mode in FAULTS else None


def disguise(mode: str, reply: dict[str, Any], is_caption: bool) -> Any:
    """A sound reply as a server of this mode gives it."""
    for choice in reply["choices"]:
        message, text = choice["message"], choice["message"]["content"]
        if mode in WRAPPINGS:
            message["content"] = WRAPPINGS[mode](text, is_caption)
        elif mode in CUT:
            message["content"], choice["finish_reason"] = text[: len(text) * 2 // 3], CUT[mode]
        elif mode in SILENT:
            choice["message"], choice["finish_reason"] = {"role": "assistant", **SILENT[mode][0]}, SILENT[mode][1]
        elif mode in PARTS:
            thought = {"type": "thinking", "thinking": [{"type": "text", "text": THOUGHT}]}
            message["content"] = [*([thought] if mode == "thinkparts" else []), {"type": "text", "text": text}]
        elif mode == "nofinish":
            del choice["finish_reason"]
        elif mode == "nullfinish":
            choice["finish_reason"] = None
    return stream(reply) if mode in ("sse", "streamonly") else reply


def stream(reply: dict[str, Any]) -> str:
    """A reply as a stream of events, a few characters each."""
    pieces = [
        {"choices": [{"index": choice["index"], "delta": {"content": text[k : k + 9]}}]}
        for choice in reply["choices"]
        for text in [choice["message"]["content"]]
        for k in range(0, len(text), 9)
    ]
    return "".join(f"data: {json.dumps(piece)}\n\n" for piece in pieces) + "data: [DONE]\n\n"
