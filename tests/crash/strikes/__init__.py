"""Real worker processes are struck at every call that they make, and what the platforms then show is counted.

`watching` runs inside the process that is struck and knows its calls; `nursery` makes such processes quickly;
`ground` is what they stand on: database, Redis, sandbox and clock; `cases` says what strikes where, and what
has to be true afterwards. The program knows nothing of any of them.
"""
