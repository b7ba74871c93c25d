"""Tallies and monthly figures."""
