"""Disclosure deadlines and the working-day calendar."""
