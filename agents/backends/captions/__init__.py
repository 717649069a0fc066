"""Taking out of a caption what the modality cannot show, and leaving English behind."""
