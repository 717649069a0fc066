"""The one OpenAI-compatible client: retries, limits, several servers."""

KEY_VARIABLE = "OPENAI_API_KEY"
"""The environment variable of the key, where no other is named."""
