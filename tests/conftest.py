"""One thread for sums, here and in every process that a test starts: workers of a parallel run do not fight, and a
killed command adds up as the one that goes on does. Another number is taken from OMP_NUM_THREADS.
"""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
