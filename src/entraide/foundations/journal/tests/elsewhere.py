"""What the programs of ``test_hostile.elsewhere`` need, imported at once."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.core.management import call_command
from django.db import connections, transaction

from entraide.foundations.journal import actions, queries

from .conftest import Loaf
from .support import registered

__all__ = [
    "Barrier", "Loaf", "ThreadPoolExecutor", "actions", "call_command", "connections", "os", "queries",
    "registered", "signal", "transaction",
]  # fmt: skip
