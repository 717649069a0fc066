"""Records, prompts, images, translation and scoring: what agents, trainer and itb share."""

from tools.torchvision_repair import watch_imports

watch_imports()
