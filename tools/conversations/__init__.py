"""The one reader of training sets: conversations about images, in every common layout.

    for item in read_conversations(Path("instruct.json")):
        ...                                 # a Conversation, or a BadRow with its place and reason

Read are LLaVA's JSON, `messages` as chat APIs write them, the files of the paper's authors, `pairs.jsonl` and
`instructions.jsonl` of a run, as JSON, JSON Lines or Parquet, with a byte order mark and with Windows line ends. The
keys of a row say what it is, never the name of its file. System turns are left out of the turns: a model's own chat
template says what its system prompt is.
"""

from tools.conversations.dialogue import Conversation, Speaker, Turn, parse_row, parse_turns, read_conversations
from tools.conversations.pictures import IMAGE_MARK, name_pictures
from tools.conversations.rows import BadRow, NumberedRow, Row, read_rows

__all__ = [
    "IMAGE_MARK",
    "BadRow",
    "Conversation",
    "NumberedRow",
    "Row",
    "Speaker",
    "Turn",
    "name_pictures",
    "parse_row",
    "parse_turns",
    "read_conversations",
    "read_rows",
]
