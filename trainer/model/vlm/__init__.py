"""Vision-language models as their makers saved them: loaded, taken apart by what they say of themselves, adapted."""
