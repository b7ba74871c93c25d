"""Outreach: reviews, publishes and counts what an ecological-environment bureau discloses."""
