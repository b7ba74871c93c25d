"""How often articles were read and how many follow, as the platform counts it."""
