"""Records, prompts, images, translation and scoring: what agents, trainer and itb share."""
