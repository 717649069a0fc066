"""A benchmark and its answers in the browser: from tasks and models down to one question and what was said to it."""
