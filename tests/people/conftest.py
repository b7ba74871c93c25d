"""What the tests of people share."""

from __future__ import annotations

from argon2 import PasswordHasher

from outreach.people.passwords import Passwords

QUICK = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
