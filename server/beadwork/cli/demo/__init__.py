"""The demo: a sample project, an editor as small as can be, and what they show. This is its door."""

from beadwork.cli.demo.story import run_demo

__all__ = ["run_demo"]
