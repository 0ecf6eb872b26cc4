import nox


@nox.session(python=["3.11", "3.12"])
def tests(session):
    session.install(".")
    session.run("pytest")


@nox.session(name="type-check")
def types(session):
    session.run("mypy")


@nox.session
def docs(session):
    session.run("sphinx-build")


def helper():
    pass
