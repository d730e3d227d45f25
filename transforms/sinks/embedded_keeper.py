"""The process beside an embedded server: starts it, and stops it when its last user has gone.

Users of the server hold a shared lock on a file. The kernel takes a lock away when its process ends, however it ends,
so a killed job can't leave a server behind, and no list of pids can go stale. Run as a script, with nothing but the
standard library: it must start fast and stay small.
"""

import fcntl
import os
import signal
import subprocess
import sys


def main(lock_path: str, socket_dir: str, uid: str, gid: str, *command: str) -> int:
    """Runs the server until nobody holds `lock_path`, or until it ends by itself; its messages go to our stderr.

    Args:
        lock_path: file that every user of the server locks, shared.
        socket_dir: temporary folder to remove at the end, or empty.
        uid: number of the account that runs the server, or empty for ours.
        gid: number of its group, or empty.
        command: the server's command line.

    Returns:
        The exit status of the server.
    """
    with open(lock_path, "r+b") as lock:
        if uid:
            server = subprocess.Popen(command, stdin=subprocess.DEVNULL, cwd="/", user=int(uid), group=int(gid), extra_groups=[])
        else:
            server = subprocess.Popen(command, stdin=subprocess.DEVNULL, cwd="/")
        # A server that ends by itself ends the wait for the lock: the starter sees at once that it failed.
        signal.signal(signal.SIGCHLD, lambda *_: sys.exit(1))
        try:
            if server.poll() is None:
                fcntl.flock(lock, fcntl.LOCK_EX)
        finally:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            # SIGINT is PostgreSQL's fast shutdown: it ends connections and writes everything to disk.
            server.send_signal(signal.SIGINT)
            status = server.wait()
            if socket_dir:
                os.rmdir(socket_dir)
    return status


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
