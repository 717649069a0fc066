"""Three debating agents that turn photographs into infrared images, captions and instructions (paper 3)."""
