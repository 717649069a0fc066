"""What a run writes for people and trainers: exports, layouts, card, report, pictures."""
