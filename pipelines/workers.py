"""Workers for a cluster: a pool that starts a process of this machine for each worker that a TaskManager asks for.

Beam has such a pool too (`worker_pool_main`). It listens on every interface, starts the first `python` on the PATH, and
lets one TaskManager end the workers of another: they number theirs alike.
"""

import gc
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing.forkserver import ensure_running

import grpc
import pyarrow as pa
from apache_beam.portability.api import beam_fn_api_pb2, beam_fn_api_pb2_grpc
from apache_beam.runners.worker.sdk_worker import SdkHarness
from apache_beam.utils import thread_pool_executor

# What a worker needs is imported before the first one is forked.
import transforms.sinks.postgres  # noqa: F401
from pipelines.execute import OBJECTS_BETWEEN_COLLECTIONS
from pipelines.quiet import silence_libraries
from schemas.faults import UserFault

_SERVER_OPTIONS = [("grpc.http2.max_pings_without_data", 0), ("grpc.http2.max_ping_strikes", 0), ("grpc.so_reuseport", 0)]


class _Pool(beam_fn_api_pb2_grpc.BeamFnExternalWorkerPoolServicer):
    """Starts workers. A worker ends when its TaskManager closes the connection, or with us."""

    def __init__(self, quiet: bool) -> None:
        self._quiet = quiet
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload([__name__])
        # Each thread that reads ahead may get an arena of its own, which holds what is free in it: twice the memory.
        os.environ.setdefault("MALLOC_ARENA_MAX", "2")
        # It imports while the cluster makes itself ready. A Ctrl-C in the terminal would meet it there, and is for us.
        interrupt = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            ensure_running()
        finally:
            signal.signal(signal.SIGINT, interrupt)

    def StartWorker(self, request, context):  # type: ignore[no-untyped-def]
        """Starts a worker that connects to the TaskManager."""
        # Also takes note of those that have ended.
        multiprocessing.active_children()
        arguments = (request.control_endpoint.url, request.worker_id, self._quiet)
        self._context.Process(target=_work, args=arguments, name=f"scope3-worker-{request.worker_id}", daemon=True).start()
        return beam_fn_api_pb2.StartWorkerResponse()

    def StopWorker(self, request, context):  # type: ignore[no-untyped-def]
        """Does nothing: the id may be that of another TaskManager's worker."""
        return beam_fn_api_pb2.StopWorkerResponse()


@contextmanager
def served_workers(host: str = "127.0.0.1", port: int = 0, quiet: bool = False) -> Iterator[str]:
    """Serves workers while the block runs, and ends them with it.

    Args:
        host: address to listen on; whoever reaches it may start workers.
        port: 0 for a free one.
        quiet: workers print nothing; what they have to tell reaches whoever submitted the job.

    Yields:
        HOST:PORT.

    Raises:
        UserFault: the address can't be had.
    """
    server = grpc.server(thread_pool_executor.shared_unbounded_instance(), options=_SERVER_OPTIONS)
    beam_fn_api_pb2_grpc.add_BeamFnExternalWorkerPoolServicer_to_server(_Pool(quiet), server)
    try:
        port = server.add_insecure_port(f"{host}:{port}")
    except RuntimeError:
        raise UserFault(f"{host}:{port} can't be listened on; it is taken or no address of this machine, give another --port") from None
    server.start()
    try:
        yield f"{host}:{port}"
    finally:
        server.stop(None).wait()
        for worker in multiprocessing.active_children():
            if worker.name.startswith("scope3-worker-"):
                worker.terminate()
                worker.join()


def _work(control_url: str, worker_id: str, quiet: bool) -> None:
    """Works for a TaskManager until it closes the connection."""
    # Ctrl-C is for whoever serves us; we end with them.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if quiet:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
    silence_libraries()
    pa.set_memory_pool(pa.system_memory_pool())
    gc.freeze()
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)
    # A TaskManager may be gone before it closes the connection.
    with suppress(grpc.RpcError):
        SdkHarness(control_url, worker_id=worker_id, state_cache_size=0, data_buffer_time_limit_ms=-1).run()
    # Threads of a step that hangs must not keep a process that nobody listens to.
    os._exit(0)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)
