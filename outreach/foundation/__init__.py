"""What every capability stands on: database, clock, ids, sealed secrets, audit chain, problems."""
