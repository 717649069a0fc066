"""A run in the browser: sections of one page, each with its logic in modules that know nothing of Gradio."""
