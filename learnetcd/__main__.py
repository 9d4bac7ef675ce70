"""So that `python -m learnetcd` is the command `learnetcd`.

Next page: `learnetcd/bench/`.
"""

import sys

from learnetcd.cli import main

sys.exit(main())
