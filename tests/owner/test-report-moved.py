"""Programs that are put into another cgroup just after they began, as session managers do with what they start, as portlight-report
names them: what names them by then is where they are, not where their launcher is. Root only. Arguments: portlight-report,
kin-client, portlight-helper, and names of modes (modes.py) if not all should run."""
import sys

sys.dont_write_bytecode = True

import os
import subprocess
import time

from modes import Scenes, app_of, as_user
from watched import TOO_BUSY, settle

KINDS = {
    "first": "before its first packet",
    "then": "between two packets",
    "later": "between two packets, and is known by then",
}
LAUNCHER, OWN = "launcher", "moved"  # of snaps, whose name counts whatever runs in them
PAUSE_S = {"first": 0, "then": 0, "later": 0.3}


def find_groups():
    """The two cgroups' directories, made anew; None where that is not allowed."""
    with open("/proc/self/mounts", encoding="utf-8") as mounts:
        roots = [line.split()[1] for line in mounts if line.split()[2] == "cgroup2"]
    try:
        found = {name: os.path.join(roots[0], "snap.%s.%s-%d.scope" % (name, name, os.getpid())) for name in (LAUNCHER, OWN)}
        for path in found.values():
            os.mkdir(path)
        return found
    except (IndexError, OSError):
        return None


def move(group, pid):
    with open(os.path.join(group, "cgroup.procs"), "w", encoding="ascii") as procs:
        procs.write("%d" % pid)


class Program:
    def __init__(self, mode, client, kind, protocol, port):
        self.kind, self.protocol = kind, protocol
        self.process = subprocess.Popen(as_user(mode, [client, "bidden", protocol, str(port)]), stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, start_new_session=True,
                                        preexec_fn=lambda: move(groups[LAUNCHER], os.getpid()))
        assert self.process.stdout.readline() == b"\n"

    def bid(self):
        """Has it send from another socket; its port."""
        self.process.stdin.write(b"x")
        self.process.stdin.flush()
        return int(self.process.stdout.readline().split()[0])


def play(mode, client, ports, watching):
    """[(kind, protocol, port of what was sent after the move)], and whether it could be found in time."""
    truth, running = [], []
    for kind in KINDS:
        for protocol, port in ports.items():
            program = Program(mode, client, kind, protocol, port)
            running.append(program)
            if kind != "first":
                program.bid()
            time.sleep(PAUSE_S[kind])
            move(groups[OWN], program.process.pid)
            truth.append((kind, protocol, program.bid()))
    is_seen = settle(watching)
    for program in running:
        program.process.communicate()
        assert program.process.returncode == 0
    return truth, is_seen


def judge(flows, kind, truth, ports):
    problems, (sent, is_seen) = [], truth
    for _, protocol, port in [one for one in sent if one[0] == kind]:
        app = app_of(flows, protocol, port, ports[protocol])
        if app is None:
            problems.append("no %s flow of port %d" % (protocol, port))
        elif LAUNCHER in str(app.get("name")) + str(app.get("unit")):
            problems.append("%s reported as its launcher's: %s" % (protocol, app))
        elif app.get("name") != OWN:
            problems.append("%s reported as %s" % (protocol, app) if is_seen else TOO_BUSY)
    return problems


groups = find_groups() if os.geteuid() == 0 else None
status = Scenes(KINDS, play, judge, None if groups else "no cgroup can be made").run(sys.argv[1:4], sys.argv[4:])
for group in groups.values() if groups else ():
    os.rmdir(group)
sys.exit(status)
