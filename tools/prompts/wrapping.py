"""What models wrap around what was asked for, taken off: thoughts, end tokens, fences, remarks before and after.

The one cleaning of replies, for all roles of the agents and for the answers of models under evaluation. A reply without
such wrapping comes back as it is: nothing is taken off that could be text, as in "Sure-footed goats: two on a cliff."
"""

import re

_NAME = r"(?:think(?:ing)?|thoughts?|reason(?:ing)?|reflection|scratchpad|analysis|seed:think)"
_TAG = re.compile(
    rf"(?P<opens><{_NAME}>|\[THINK\]|<\|START_THINKING\|>|◁think▷|<\|begin_of_thought\|>)"
    rf"|</{_NAME}>|\[/THINK\]|<\|END_THINKING\|>|◁/think▷|<\|end_of_thought\|>",
    re.IGNORECASE,
)
_FINAL_CHANNEL = re.compile(r"<\|channel\|>\s*final\s*(?:<\|constrain\|>\s*\w*\s*)?<\|message\|>", re.IGNORECASE)
_OTHER_CHANNEL = re.compile(r"\s*(?:<\|start\|>\s*assistant\s*)?<\|channel\|>", re.IGNORECASE)

_START = re.compile(
    r"\s*(?:<\|(?:im_start|start_header_id|start)\|>\s*(?:assistant|model)?\s*(?:<\|(?:end_header_id|message)\|>)?"
    r"|<start_of_turn>\s*(?:model)?|<\|(?:assistant|begin_of_text|startoftext)\|>|assistant\s*<\|end_header_id\|>"
    r"|assistant[ \t]*\n|<s>|<bos>|\[/INST\])\s*"
)
_END = re.compile(
    r"<[|｜][\w▁ .\-]{1,40}[|｜]>|</s>|<eos>|<(?:start|end)_of_turn>|<end_of_utterance>|<eod>|<EOT>|\[/?INST\]|<pad>"
)

_FENCE = re.compile(r"^[ \t]*(?:```+|~~~+)[ \t]*[\w+.\-]*[ \t]*$", re.MULTILINE)
_FENCE_IN_LINE = re.compile(r"```(?:(?:text|txt|plaintext|markdown|md)\s)?\s*([^`\n]+?)\s*```")

_NICETY = (
    r"(?:sure(?: thing)?|certainly|of course|okay|ok|alright|all right|absolutely|great|understood|got it|no problem"
    r"|with pleasure|gladly|happy to help)"
)
_WORDS = (
    r"(?:(?:the|your|my|an?|one|two|three|four|five|some|possible|requested|following|final|new|single|clean|short|whole"
    r"|edited|filtered|revised|rewritten|updated|corrected|modified|adjusted|resulting|improved|detailed|image"
    r"|mined|filtering|task|candidate)\s+){0,5}"
)
_EDITED = r"(?:new|final|edited|filtered|revised|rewritten|updated|corrected|modified|adjusted)"
_THING = (
    r"(?:captions?|versions?|edits?|text|sentences?|conversations?|dialogues?|descriptions?|paragraphs?|pairs?"
    r"|questions?(?:\s*(?:and|&|/)\s*answers?)?|answers?|outputs?|results?|repl(?:y|ies)|responses?|rules?|verdict"
    r"|instructions?|judge?ment|evaluation)"
)
_MORE = r"(?:,?\s+(?:for|of|with|that|which|after|in|based|following|without|under|according|as|from|about)\b"
_MORE += r"[^:：\n]{0,90})?"
_PREAMBLE = re.compile(
    rf"\*{{0,2}}(?:{_NICETY}[!,.:]*\s+)?"
    rf"(?:(?:here(?:['’]s|\s+is|\s+are)|below\s+(?:is|are)|i(?:['’]ve|\s+have)?\s+(?:edited|rewritten|written|revised))\s+"
    rf"{_WORDS}{_THING}{_MORE}|here\s+(?:it\s+is|you\s+(?:go|are)|they\s+are)"
    rf"|(?:the|my|your)\s+{_EDITED}\s+(?:captions?|version|sentence|text)\s+(?:is|would\s+be))\s*[:：]\*{{0,2}}\s*",
    re.IGNORECASE,
)
_NICETY_ALONE = re.compile(
    r"(?:(?:sure(?: thing)?|okay|ok|alright|understood|got it|no problem|happy to help)!\s+"
    rf"|{_NICETY}[!.,:]?[ \t]*\n\s*)",
    re.IGNORECASE,
)
_AFTERWORD = re.compile(
    r"\n[ \t]*\n[ \t]*[(*_]{0,2}(?:please )?(?:let me know|i hope this|hope this|feel free|is there anything else|note:"
    r"|if you (?:need|want|would like|have any))[^\n]*\Z",
    re.IGNORECASE,
)
PREAMBLE_REACH = 240
_SIGNS = ("<", "[", "◁", "assistant")
"""Without one of these there is neither a thought nor a token of a template."""


def unwrap_reply(reply: str) -> str:
    """What a model says, without what it wraps around it; the same text where there is no wrapping."""
    text = reply.removeprefix("\ufeff")
    if any(sign in text for sign in _SIGNS):
        text = strip_tokens(strip_thoughts(text))
    for _ in range(3):
        before, text = text, strip_fence(strip_remarks(text))
        if text == before:
            break
    return text


def strip_thoughts(text: str) -> str:
    """Without what the model thought aloud.

    A block with both tags is taken out. What stands before a closing tag that no tag opens is thought as well, for many
    chat templates write the opening tag themselves; and so is all after an opening tag that is never closed.
    """
    final = _FINAL_CHANNEL.search(text)
    if final:
        return text[final.end() :]
    if _OTHER_CHANNEL.match(text):
        return ""
    kept: list[str] = []
    is_open, place = False, 0
    for tag in _TAG.finditer(text):
        if tag["opens"]:
            kept += [] if is_open else [text[place : tag.start()]]
            is_open = True
            continue
        kept = kept if is_open else []
        is_open, place = False, tag.end()
    if not place and not is_open:
        return text
    return "".join(kept if is_open else [*kept, text[place:]]).strip()


def strip_tokens(text: str) -> str:
    """Without the tokens of a chat template: those that open the answer, the first that ends it and what follows."""
    for _ in range(4):
        start = _START.match(text)
        if start is None:
            break
        text = text[start.end() :]
    end = _END.search(text)
    return text if end is None else text[: end.start()].rstrip()


def strip_fence(text: str) -> str:
    """The inside of a code fence around the whole; also of one that is never closed."""
    if "```" not in text and "~~~" not in text:
        return text
    bare = text.strip()
    line = _FENCE_IN_LINE.fullmatch(bare)
    if line:
        return line[1]
    marks = list(_FENCE.finditer(bare))
    if not marks or marks[0].start() > 0 or len(marks) > 2:
        return text
    return bare[marks[0].end() : marks[1].start() if len(marks) == 2 else None].strip()


def strip_remarks(text: str) -> str:
    """Without a remark around what was asked for, such as "Sure! Here is the edited caption:"; never without a rest."""
    bare = text.strip()
    after = _AFTERWORD.search(bare) if "\n" in bare else None
    rests = [bare[: after.start()]] if after else []
    rests += [
        bare[found.end() :] for form in (_PREAMBLE, _NICETY_ALONE) if (found := form.match(bare, 0, PREAMBLE_REACH))
    ]
    found_rest = next((rest.strip() for rest in rests if any(character.isalnum() for character in rest)), None)
    return text if found_rest is None else found_rest
