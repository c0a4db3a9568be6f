"""Dagster sets up logging anew in each run, and that closes every handler there is."""

from __future__ import annotations

import logging.config

import pytest
from absl import logging as absl


def test_no_handler_takes_the_error_stream_of_the_tests_with_it(capsys: pytest.CaptureFixture[str]) -> None:
    """Regression: absl, which OR-Tools brings, closed the stream that was the error stream when it was first imported, so
    Dagster's tests before a journey alone ended with "I/O operation on closed file".
    """
    held = absl.get_absl_handler().python_handler.stream
    logging.config.dictConfig({"version": 1, "disable_existing_loggers": False})
    assert not held.closed
