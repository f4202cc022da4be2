"""An ordinary user to whom /proc shows nobody else's processes (hidepid=, proc(5)), with a helper that may look into all but has
no tracepoints: root's programs are not the kernel's, and the user's own are named. Root only. Arguments: portlight-report,
starting-client, portlight-helper."""
import sys

sys.dont_write_bytecode = True

import os
import shutil
import socket
import subprocess
import tempfile

from modes import app_of, as_user
from watched import CLONE_NEWNET, CLONE_NEWNS, finish, own_namespaces, settle, start

RIGHTS = "cap_net_raw,cap_sys_ptrace,cap_dac_read_search=ep"


def judge(flows, protocol, port, sink, pid, is_own):
    app = app_of(flows, protocol, port, sink) or {}
    if is_own:
        return app.get("pid") == pid and app["confidence"] == "exact", app
    return app.get("name") == "Another user: root", app


def watch(folder):
    report, client, helper = (shutil.copy(path, folder) for path in sys.argv[1:4])
    if subprocess.run(["setcap", RIGHTS, helper]).returncode != 0:
        return "no file capabilities on this file system"
    servers = {"tcp": socket.create_server(("127.0.0.1", 0)), "udp": socket.socket(socket.AF_INET, socket.SOCK_DGRAM)}
    servers["udp"].bind(("127.0.0.1", 0))
    watching = start(as_user("user", [report]), helper)
    running = []
    for is_own in (True, False):
        for protocol, server in servers.items():
            sink = server.getsockname()[1]
            program = subprocess.Popen(as_user("user" if is_own else "root", [client, "plain", protocol, str(sink)]),
                                       stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            port, pid = map(int, program.stdout.readline().split())
            running.append((program, protocol, port, sink, pid, is_own))
    settle(watching)
    for program, *_ in running:
        program.communicate()
    flows, _ = finish(watching)
    for _, *one in running:
        is_right, app = judge(flows, *one)
        if not is_right:
            print("# %s: reported as %s" % (one, app))
            return False
    return True


def main():
    print("1..1")
    if not own_namespaces(CLONE_NEWNET | CLONE_NEWNS):
        seen = "needs root, for namespaces of its own"
    elif subprocess.run(["mount", "-t", "proc", "-o", "hidepid=2", "proc", "/proc"]).returncode != 0:
        seen = "/proc cannot be mounted here"
    else:
        with tempfile.TemporaryDirectory(prefix="portlight-hidden-") as folder:
            os.chmod(folder, 0o755)
            seen = watch(folder)
    print("%sok 1 - hidden%s" % ("" if seen else "not ", " # SKIP " + seen if isinstance(seen, str) else ""))
    return 0 if seen else 1


sys.exit(main())
