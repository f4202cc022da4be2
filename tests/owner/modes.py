"""The ways in which portlight-report may be run, for the tests that play the same in each. Root only.

full        root, with the kernel's tracepoints
sockets     root without them; in the first network namespace, where the kernel tells of new processes
untold      root without them, and without that news
user        an ordinary user, whose helper captures and, started with --no-owners, tells no more; with the news
user-untold the same without"""
import os
import shutil
import socket
import subprocess
import sys
import tempfile

from watched import CLONE_NEWNET, CLONE_NEWNS, TOO_BUSY, finish, has_tracepoints, own_namespaces, start

UID = 65533
RIGHTS = "cap_net_raw"
MODES = ("full", "sockets", "untold", "user", "user-untold")
IN_FIRST = ("sockets", "user")


def as_user(mode, command):
    if not mode.startswith("user"):
        return command
    return ["setpriv", "--reuid=%d" % UID, "--regid=%d" % UID, "--clear-groups", "--inh-caps=-all", *command]


def place_helper(helper, mode, folder):
    """What captures or tells in that mode; None where the file system keeps no capabilities."""
    helper = shutil.copy(helper, folder)
    if not mode.startswith("user"):
        return helper if mode == "full" else "/nonexistent/portlight-helper"
    wrapper = os.path.join(folder, "no-owners")
    with open(wrapper, "w") as script:
        script.write('#!/bin/sh\nexec %s "$@" --no-owners\n' % helper)
    os.chmod(wrapper, 0o755)
    is_set = all(subprocess.run(["setcap", RIGHTS + "=ep", path]).returncode == 0 for path in (helper, wrapper))
    return wrapper if is_set else None


def app_of(flows, protocol, port, sink):
    """What was said of who is at @port, in the flow to @sink; None when there is no such flow."""
    for flow in flows:
        for here, there, app in (("local", "remote", "app"), ("remote", "local", "remote_app")):
            if flow["proto"] == protocol and (flow[here].get("port"), flow[there].get("port")) == (port, sink):
                return flow.get(app) or {}
    return None


class Scenes:
    """What is played in each mode. @names: {name: words}. @play (mode, client, ports, watching) → truth; @judge (flows, name, truth,
    ports) → what is wrong, a list, in which TOO_BUSY is nothing wrong. @missing: why it can't be played here, or None."""

    def __init__(self, names, play, judge, missing=None):
        self.names, self.play, self.judge, self.missing = names, play, judge, missing

    def watch(self, mode, report, client, helper):
        """(flows, truth, ports), or why not."""
        if not own_namespaces(CLONE_NEWNS if mode in IN_FIRST else CLONE_NEWNET | CLONE_NEWNS):
            return "needs root, for namespaces of its own"
        if mode == "full" and not has_tracepoints():
            return "this kernel has no tracepoint for route lookups"
        if self.missing:
            return self.missing
        servers = {"tcp": socket.create_server(("127.0.0.1", 0), backlog=256),
                   "udp": socket.socket(socket.AF_INET, socket.SOCK_DGRAM)}
        servers["udp"].bind(("127.0.0.1", 0))
        ports = {protocol: server.getsockname()[1] for protocol, server in servers.items()}
        with tempfile.TemporaryDirectory(prefix="portlight-modes-") as folder:
            os.chmod(folder, 0o755)
            helper = place_helper(helper, mode, folder)
            if helper is None:
                return "no file capabilities on this file system"
            client = shutil.copy(client, folder)
            watching = start(as_user(mode, [shutil.copy(report, folder)]), helper)
            truth = self.play(mode, client, ports, watching)
            return finish(watching)[0], truth, ports

    def run_mode(self, mode, first, files):
        """In a process of its own, for its namespaces: 0 or 1. Its tests are numbered from @first on."""
        seen = self.watch(mode, *files)
        skip = seen if isinstance(seen, str) else None
        failed = 0
        for i, (name, words) in enumerate(self.names.items()):
            problems = [] if skip else self.judge(seen[0], name, *seen[1:])
            is_busy = bool(problems) and all(problem == TOO_BUSY for problem in problems)
            is_wrong = bool(problems) and not is_busy
            failed |= is_wrong
            reason = TOO_BUSY if is_busy else skip
            for problem in problems:
                print("# " + problem)
            print("%sok %d - %s, %s: %s%s" % ("not " if is_wrong else "", first + i, mode, name, words,
                                              " # SKIP " + reason if reason else ""), flush=True)
        return int(failed)

    def run(self, files, modes):
        """@files: portlight-report, the client, portlight-helper. The program's exit status."""
        modes = modes or MODES
        print("1..%d" % (len(modes) * len(self.names)), flush=True)
        failed = 0
        for i, mode in enumerate(modes):
            pid = os.fork()
            if pid == 0:
                status = 1
                try:
                    status = self.run_mode(mode, 1 + i * len(self.names), files)
                finally:
                    sys.stdout.flush()
                    os._exit(status)
            failed += os.waitpid(pid, 0)[1] != 0
        return 1 if failed else 0
