"""A model family in one file: its chat template, and a token by which `auto` knows it."""

import tempfile
from pathlib import Path

from tools.registry import Entry, register
from trainer.model.chat_templates import ModelFamily

TEMPLATE = """{%- for message in messages -%}
{%- if message.role == 'user' -%}
{%- for part in message.content if part.type == 'image' -%}{{- '<image>' -}}{%- endfor -%}
{{- 'Asked: ' -}}{%- for part in message.content if part.type == 'text' -%}{{- part.text -}}{%- endfor -%}
{%- elif message.role == 'assistant' -%}
{{- ' Said:' -}}{%- generation -%}{{- ' ' -}}
{%- for part in message.content if part.type == 'text' -%}{{- part.text -}}{%- endfor -%}
{{- eos_token -}}{%- endgeneration -%}
{%- endif -%}
{%- endfor -%}
{%- if add_generation_prompt -%}{{- ' Said:' -}}{%- endif -%}"""

FILE = Path(tempfile.mkdtemp()) / "asked.jinja"
FILE.write_text(TEMPLATE, encoding="utf-8")
register("model family", Entry("asked", "Asked: ... Said: ...", load=ModelFamily(FILE, mark="<|asked|>")))
