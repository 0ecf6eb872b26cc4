"""Terraform and Docker: what describes machines and images.

Nothing here applies anything: no `apply`, no `push`, no `up`. What it leaves out: variables, clouds.
"""

import shlex

from beadwork.context.stack.gathering import Gathering
from beadwork.context.stack.model import Part, Purpose
from beadwork.context.stack.purposes import purpose_of_name
from beadwork.context.stack.repository import Folder
from beadwork.context.stack.values import table

COMPOSE = ("compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml")
DOCKERFILES = ("Dockerfile", "Containerfile")
TERRAFORM = (".tf", ".tofu")


def terraform_parts(folder: Folder) -> list[Part]:
    """Give the Terraform module in the folder."""
    files = folder.ending(*TERRAFORM)
    if not files:
        return []
    found = Gathering(folder, "terraform")
    source = "main.tf" if "main.tf" in files else files[0]
    program = "tofu" if source.endswith(".tofu") else "terraform"
    found.add(Purpose.INSTALL, f"{program} init -backend=false", source)
    found.add(Purpose.TYPECHECK, f"{program} validate", source)
    found.add(Purpose.FORMAT, f"{program} fmt -recursive", source)
    found.add(Purpose.LINT, f"{program} fmt -recursive -check", source)
    inside = folder.repository.folder(folder.place("tests")).ending(".tftest.hcl")
    tests = [*folder.ending(".tftest.hcl"), *(f"tests/{name}" for name in inside)]
    if tests:
        found.add(Purpose.TEST, f"{program} test", tests[0])
        found.add(Purpose.TEST_ONE, f"{program} test -filter={{file}}", tests[0])
    if folder.has(".tflint.hcl"):
        found.add(Purpose.LINT, "tflint", ".tflint.hcl")
    return found.part("")


def docker_parts(folder: Folder) -> list[Part]:
    """Give the images in the folder, and the services of a compose file that test."""
    found = Gathering(folder, "docker")
    if name := folder.first(*COMPOSE):
        services = table(folder.yaml(name), "services")
        if services:
            found.add(Purpose.BUILD, "docker compose build", name)
        for service in services:
            purpose = purpose_of_name(service)
            if purpose in {Purpose.TEST, Purpose.LINT}:
                found.add(
                    purpose, f"docker compose run --rm {shlex.quote(service)}", f"{name} services.{service}"
                )
    if name := folder.first(*DOCKERFILES):
        found.add(
            Purpose.BUILD, "docker build ." if name == "Dockerfile" else f"docker build -f {name} .", name
        )
    return found.part("")
