"""The nouns of a city folder, one file per concept; unknown keys are faults."""
