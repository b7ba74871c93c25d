"""/follow/{account}: the pages that followers open from the menu inside WeChat. They know a follower, and nobody else."""
