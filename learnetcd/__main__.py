"""So that `python -m learnetcd` is the command `learnetcd`."""

import sys

from learnetcd.cli import main

sys.exit(main())
