#!/usr/bin/env python3
"""test_worker.py with whole games of Pong."""
import unittest

from test_worker import TestWorker  # noqa: F401

if __name__ == "__main__":
    unittest.main()
