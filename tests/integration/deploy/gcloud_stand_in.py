"""gcloud_stand_in: `gcloud` on the PATH of the scripts under test; its world is a JSON file.

A command that it does not know ends with 99, so that a script cannot do what no test looks at.
"""

# ruff: noqa: PTH123 - pathlib would be a fifth of the time that a call takes
from __future__ import annotations

import json
import os
import sys

TYPE_CHECKING = False  # started hundreds of times: what only annotations need is not imported
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    World = dict[str, Any]

HOME = os.environ["STAND_IN_HOME"]


class Refused(Exception):
    """What gcloud prints before it ends with 1."""


def option(arguments: list[str], name: str) -> str:
    for position, argument in enumerate(arguments):
        if argument == name:
            return arguments[position + 1]
        if argument.startswith(f"{name}="):
            return argument.removeprefix(f"{name}=")
    return ""


def project(world: World, arguments: list[str]) -> str:
    if arguments[2] not in world["projects"]:
        raise Refused(f"[{arguments[2]}] not found or permission denied")
    return arguments[2]


def secret(world: World, arguments: list[str]) -> str:
    return str(world["secrets"][option(arguments, "--secret")])


def account(world: World, arguments: list[str]) -> str:
    if arguments[3] not in world["accounts"]:
        raise Refused("NOT_FOUND")
    return arguments[3]


def create_account(world: World, arguments: list[str]) -> str:
    world["accounts"].append(f"{arguments[3]}@{option(arguments, '--project')}.iam.gserviceaccount.com")
    return ""


def grant(world: World, arguments: list[str]) -> str:
    world["roles"].append(option(arguments, "--role"))
    return ""


def image(world: World, arguments: list[str]) -> str:
    if not world["image"]:
        raise Refused("not found")
    return str(world["image"])


def replace(world: World, arguments: list[str]) -> str:
    # Here alone: with the site's packages every other call would be slower.
    sys.path.append(os.environ["STAND_IN_PACKAGES"])
    import yaml

    with open(arguments[3]) as file:
        manifest = yaml.safe_load(file)
    world["manifests"].append(manifest)
    world["traffic"] = list(manifest["spec"]["traffic"])
    world["revisions"].append(manifest["spec"]["template"]["metadata"]["name"])
    return ""


def run_deploy(world: World, arguments: list[str]) -> str:
    """The guide's manual deployment."""
    return "deployed"


def describe(world: World, arguments: list[str]) -> str:
    if not world["traffic"]:
        raise Refused("Cannot find service")
    wanted = option(arguments, "--format")
    if wanted == "value(status.url)":
        return str(world["url"])
    names = wanted.removeprefix("csv[no-heading](").removesuffix(")").split(",")
    rows = [{**entry, "url": world["url"] if entry.get("tag") else ""} for entry in world["traffic"]]
    # A percentage of 0 is left out of a service's status.
    cells = [[str(row.get(name.rpartition(".")[2]) or "") for name in names] for row in rows]
    return "\n".join(",".join(row) for row in cells)


def update_traffic(world: World, arguments: list[str]) -> str:
    removed = option(arguments, "--remove-tags").split(",")
    world["traffic"] = [
        entry for entry in world["traffic"] if entry.get("tag") not in removed or entry.get("percent")
    ]
    for entry in world["traffic"]:
        if entry.get("tag") in removed:
            del entry["tag"]
    if to := option(arguments, "--to-revisions"):
        for entry in world["traffic"]:
            entry["percent"] = 0
        world["traffic"].append({"revisionName": to.removesuffix("=100"), "percent": 100})
    if tags := option(arguments, "--update-tags"):
        tag, _, revision = tags.partition("=")
        world["traffic"].append({"revisionName": revision, "tag": tag})
    return ""


def revision(world: World, arguments: list[str]) -> str:
    if arguments[3] not in world["revisions"]:
        raise Refused("Cannot find revision")
    return arguments[3]


def nothing(world: World, arguments: list[str]) -> str:
    return ""


COMMANDS: dict[str, Callable[[World, list[str]], str]] = {
    "config get-value": lambda world, _: str(world["configured_project"]),
    "projects describe": project,
    "projects get-iam-policy": lambda world, _: "\n".join(world["roles"]),
    "projects add-iam-policy-binding": grant,
    "secrets list": lambda world, _: "\n".join(world["secrets"]),
    "secrets versions access": secret,
    "iam service-accounts describe": account,
    "iam service-accounts create": create_account,
    "container images describe": image,
    "builds submit": nothing,
    "run deploy": run_deploy,
    "run revisions describe": revision,
    "run revisions list": lambda world, _: "\n".join(world["revisions"]),
    "run services list": lambda world, _: "llm-inference-gateway" if world["traffic"] else "",
    "run services replace": replace,
    "run services describe": describe,
    "run services update-traffic": update_traffic,
    "run services add-iam-policy-binding": nothing,
    "run services remove-iam-policy-binding": nothing,
    "run services get-iam-policy": lambda world, _: "\n".join(world["callers"]),
    "auth print-identity-token": lambda world, _: str(world["identity_token"]),
}


def main(arguments: list[str]) -> int:
    with open(f"{HOME}/calls", "a") as calls:
        calls.write("\x1f".join(["gcloud", *arguments]) + "\n")
    with open(f"{HOME}/world.json") as file:
        world = json.load(file)
    name = next((known for known in COMMANDS if arguments[: len(known.split())] == known.split()), None)
    if name is None:
        print(f"the stand-in does not know: {arguments}", file=sys.stderr)
        return 99
    try:
        if name in world["failing"]:
            raise Refused(f"{name} fails in this test")
        printed = COMMANDS[name](world, arguments)
    except Refused as reason:
        print(f"ERROR: {reason}", file=sys.stderr)
        return 1
    with open(f"{HOME}/world.json", "w") as file:
        json.dump(world, file)
    if printed:
        print(printed)
    return 0


sys.exit(main(sys.argv[1:]))
