"""The files of deploy/, read."""

import json
from pathlib import Path

import yaml

PROJECT = Path(__file__).parents[2]
DEPLOY = PROJECT / "deploy"


def manifests(path):
    """Returns the documents of a YAML file."""
    return list(yaml.safe_load_all((DEPLOY / path).read_text(encoding="utf-8")))


def manifest(path, kind):
    """Returns the one document of a kind in a YAML file."""
    (found,) = (one for one in manifests(path) if one["kind"] == kind)
    return found


def launch_request():
    """Returns the body that Cloud Scheduler sends."""
    return json.loads((DEPLOY / "scheduler/launch.json").read_text(encoding="utf-8"))


def containers(node):
    """Returns every container, those that run beside others included, of a manifest or a part of one."""
    if isinstance(node, list):
        return [found for one in node for found in containers(one)]
    if not isinstance(node, dict):
        return []
    own = [*node.get("containers", []), *node.get("initContainers", [])]
    return own + [found for key, one in node.items() if key not in ("containers", "initContainers") for found in containers(one)]
