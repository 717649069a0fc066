"""Infrared-LLaVA: alignment and fine-tuning (paper 5). Not written yet: see the CHANGELOG."""
