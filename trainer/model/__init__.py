"""Infrared-LLaVA: towers, align layers, language model, put together, saved and loaded."""
