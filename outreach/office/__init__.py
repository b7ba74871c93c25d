"""Use cases that span capabilities, as the office would say them: one function an act, one file an act."""
