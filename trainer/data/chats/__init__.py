"""Dialogues as a vision-language model's own processor writes them, for models that were not put together here."""
