"""Keeps the chatter of libraries away from the user. To be called before they are imported."""

import logging
import os
import sys
import warnings

_NOISY = ("apache_beam", "grpc", "google", "absl", "urllib3", "hdfs", "oauth2client")


def silence_libraries() -> None:
    """Lets nothing of Beam, gRPC or Arrow reach the terminal but errors that we print ourselves."""
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")
    os.environ.setdefault("GLOG_minloglevel", "3")
    os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")
    # gRPC talks to localhost only, and a proxy that catches everything would swallow that too.
    for name in ("no_proxy", "NO_PROXY"):
        os.environ[name] = ",".join(filter(None, [os.environ.get(name), "localhost,127.0.0.1"]))
    warnings.filterwarnings("ignore")
    # Without any handler the first warning of a library would add one that prints.
    logging.getLogger().addHandler(logging.NullHandler())
    for name in _NOISY:
        logging.getLogger(name).setLevel(logging.CRITICAL)


def leave_out_cloud_libraries() -> None:
    """Keeps Beam from importing what only a cloud needs: half a second and 30 MB of each run.

    Beam takes a library that can't be imported as one that is not installed, and does without. To be called before Beam
    is imported, in a process that reads no gs:// and runs no job elsewhere.
    """
    for name in ("google.cloud", "google.api_core", "google.auth", "apitools", "oauth2client", "pymongo"):
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]
