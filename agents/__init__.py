"""Three debating agents that turn photographs into images of another modality, captions and instructions (paper 3)."""
