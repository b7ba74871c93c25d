"""Measurements of the service as its users meet it; `make bench` runs them all."""
