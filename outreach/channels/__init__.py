"""Accounts, and one package a platform behind one protocol."""
