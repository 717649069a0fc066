"""Statements that nothing known of an image bears out or refutes, and what is said of the modality in general."""
