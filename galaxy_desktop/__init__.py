"""Galaxy Desktop: will this sprint land, what is in the way, what should we do now - with evidence."""

import os

__version__ = "0.1.0"

# Our matrices are small. Threads that wait for each other make sums of them seven times slower, and a busy laptop hot;
# it has to be said before numpy is loaded. The language and search models bring threads of their own.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
