"""The journal: every contribution recorded once, in a chain anybody can check."""
