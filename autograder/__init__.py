"""The machinery around the labs: release, grading, feedback, publication. Knows nothing of GPT."""
