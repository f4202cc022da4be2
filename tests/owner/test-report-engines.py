"""Programs inside containers and images of the real engines, where those are installed: what portlight-report calls them. Each
calls a server on loopback, in a network of its own, and its root is this machine's /usr. Root only. Arguments: portlight-report,
portlight-helper."""
import sys

sys.dont_write_bytecode = True
REPORT, HELPER = sys.argv[1:3]

import os
import shutil
import socket
import subprocess
import tempfile
import time

from watched import CLONE_NEWNET, CLONE_NEWNS, finish, own_namespaces, start

NAME = "pl-engines-%d" % os.getpid()
CALL = """
import socket, sys, time
caller = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
caller.send(b"%d" % caller.getsockname()[1])
caller.recv(1)
time.sleep(1)
"""


class Server:
    """Keeps what calls it, and answers when told to."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = str(self.listener.getsockname()[1])

    def wait(self, seconds):
        """(connection, port of the caller); None when nobody calls."""
        self.listener.settimeout(seconds)
        try:
            connection, (_, port) = self.listener.accept()
        except socket.timeout:
            return None
        connection.recv(10)
        return connection, port


def make_root(folder):
    root = os.path.join(folder, "root")
    for name in ("usr", "etc", "proc", "sys", "dev", "tmp", "run", "var"):
        os.makedirs(os.path.join(root, name))
    for name in ("bin", "sbin", "lib", "lib64"):
        os.symlink("usr/" + name, os.path.join(root, name))
    subprocess.run(["mount", "-o", "bind,ro", "/usr", os.path.join(root, "usr")], check=True)
    with open(os.path.join(root, "etc/os-release"), "w", encoding="ascii") as file:
        file.write("ID=test\n")
    return root


def mounted_in(folder):
    with open("/proc/self/mounts", encoding="utf-8") as mounts:
        return [place for place in (line.split()[1] for line in mounts) if place.startswith(folder + "/")]


def remove(folder):
    """Nothing that is mounted there still is gone into: root/usr is this machine's. podman mounts its store upon itself."""
    for place in reversed(mounted_in(folder)):
        subprocess.run(["umount", place], check=False)
    if not mounted_in(folder):
        subprocess.run(["rm", "-rf", "--one-file-system", folder], check=False)
    return not os.path.exists(folder)


def podman(*more):
    """Stored in a folder of its own, so that nothing but the monitor can tell the name."""

    def run(root, folder, port):
        where = ["--root", folder + "/store", "--runroot", folder + "/run", "--tmpdir", folder + "/tmp",
                 "--cgroup-manager", "cgroupfs", "--events-backend", "file"]
        command = ["podman", *where, "run", "--rm", "--name", NAME, "--network", "host", "--pids-limit", "0",
                   "--log-driver", "k8s-file", *more, "--rootfs", root, "/usr/bin/python3", "-c", CALL, port]
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                text=True)

    return run


def nspawn(root, folder, port):
    command = ["systemd-nspawn", "-q", "-D", root, "--machine", NAME, "--as-pid2", "--console=pipe",
               "/usr/bin/python3", "-c", CALL, port]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


CASES = [
    ("podman", "podman", podman(), NAME, "podman:" + NAME),
    ("podman-without-cgroup", "podman", podman("--cgroups=disabled"), NAME, "podman:" + NAME),
    ("nspawn", "systemd-nspawn", nspawn, NAME, "nspawn:" + NAME),
]


def try_case(run, name, unit, folder):
    """(reason to skip it, problem)."""
    server = Server()
    root = make_root(folder)
    report = start([REPORT], HELPER)
    engine = run(root, folder, server.port)
    met = server.wait(15)
    if met is None:
        engine.kill()
        finish(report)
        lines = engine.communicate()[1].strip().splitlines()
        return "it starts no container here: %s" % (lines[-1] if lines else "no word why"), None
    time.sleep(0.5)
    met[0].send(b"x")
    engine.communicate()
    apps = [flow[end] for flow in finish(report)[0] for side, end in (("local", "app"), ("remote", "remote_app"))
            if flow[side].get("port") == met[1] and end in flow]
    if len(apps) == 1 and apps[0]["name"] == name and apps[0].get("unit") == unit and apps[0]["confidence"] == "exact":
        return None, None
    return None, "expected %s, exact, got %s" % (unit, apps)


def main():
    print("1..%d" % len(CASES))
    n_failed = 0
    is_allowed = own_namespaces(CLONE_NEWNET | CLONE_NEWNS)
    for number, (title, program, run, name, unit) in enumerate(CASES, 1):
        reason, problem = "needs root, for a network of its own", None
        if is_allowed and not shutil.which(program):
            reason = program + " is not installed"
        elif is_allowed and program == "systemd-nspawn" and not os.path.isdir("/run/systemd/system"):
            reason = "systemd does not run here, so that the container has no scope"
        elif is_allowed:
            folder = tempfile.mkdtemp(prefix="portlight-engines-")
            try:
                reason, problem = try_case(run, name, unit, folder)
            finally:
                is_gone = remove(folder)
            problem = problem or (None if is_gone else folder + " is left")
        n_failed += problem is not None
        if problem:
            print("# " + problem)
        print("%sok %d - %s%s" % ("not " if problem else "", number, title, " # SKIP " + reason if reason else ""))
    return 1 if n_failed else 0


sys.exit(main())
