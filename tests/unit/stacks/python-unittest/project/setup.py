from setuptools import setup

setup(name="abacus", version="1.0", py_modules=["abacus"])
