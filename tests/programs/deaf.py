"""Ignores SIGTERM and SIGINT, says so, and stays for an hour."""

# ruff: noqa: T201, TID251
import signal
import time

signal.signal(signal.SIGTERM, signal.SIG_IGN)
signal.signal(signal.SIGINT, signal.SIG_IGN)
print("deaf", flush=True)
time.sleep(3600)
