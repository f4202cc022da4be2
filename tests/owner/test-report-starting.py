"""Clients that began, or hold their socket, in ways of their own, as portlight-report names them. A wrong process fails; where nobody
else can have sent, a doubt too. Root only. Arguments: portlight-report, starting-client, portlight-helper, and names of modes
(modes.py) if not all should run."""
import sys

sys.dont_write_bytecode = True

import subprocess

from modes import Scenes, app_of, as_user
from watched import TOO_BUSY, settle

# what is said: how it came
ALONE = {
    "spawn": "begun by posix_spawn",
    "clone3": "begun by clone3",
    "vfork": "begun by vfork",
    "other-user": "of a program that has become another user's",
    "memory": "of a program that is in no file",
    "renamed": "of a program that renames itself as it calls",
    "zerocopy": "sent without copies",
    "two-peers": "of a socket of datagrams that was connected elsewhere before",
}
SHARED = {
    "shared-table": "of a child that has one table of descriptors with its parent",
    "own-table": "of a thread that has its own table of descriptors",
    "shared-port": "of who sends from a port of two",
    "broker-sends": "of a broker that sends, passes its socket on and keeps it",
    "broker-waits": "of a socket that a broker opened, passed on and keeps",
}
TRIES = 4


def play(mode, client, ports, watching):
    """[(kind, protocol, port, pid of who sent)], and whether who stays was there until it must have been found."""
    running = []
    for kind in ALONE | SHARED:
        for protocol in ports:
            for _ in range(TRIES):
                program = subprocess.Popen(as_user(mode, [client, kind, protocol, str(ports[protocol])]),
                                           stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
                running.append((kind, protocol, program))
    truth = [(kind, protocol, *map(int, program.stdout.readline().split())) for kind, protocol, program in running]
    is_seen = settle(watching)
    for kind, _, program in running:
        program.communicate()
        assert program.returncode == 0, (kind, program.returncode)
    return truth, is_seen


def judge(flows, kind, truth, ports):
    problems, (sent, is_seen) = [], truth
    for _, protocol, port, pid in [one for one in sent if one[0] == kind]:
        app = app_of(flows, protocol, port, ports[protocol])
        if app is None:
            problems.append("no %s flow of port %d" % (protocol, port))
        elif app.get("pid") not in (None, pid):
            problems.append("%s sent by %d, reported as %s" % (protocol, pid, app))
        elif kind in ALONE and app.get("confidence") != "exact":
            problems.append("%s sent by %d, reported as %s" % (protocol, pid, app) if is_seen else TOO_BUSY)
    return problems


sys.exit(Scenes(ALONE | SHARED, play, judge).run(sys.argv[1:4], sys.argv[4:]))
