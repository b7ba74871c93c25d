"""依申请公开: the life of a request for information, from the day it came to the answer, and table three of the annual
report, which counts them."""
