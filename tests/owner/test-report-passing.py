"""Sockets that a program has been passed (SCM_RIGHTS) by another one, which sent from them and closed its own at once, as
portlight-report names them: by the time that anybody looks, who has the socket is not who sent. A wrong process fails; where no
socket was passed, and none can have been, a doubt too. Root only. Arguments: portlight-report, passing-client, portlight-helper, and
names of modes (modes.py) if not all should run."""
import sys

sys.dont_write_bytecode = True

import subprocess

from modes import Scenes, app_of, as_user
from watched import TOO_BUSY, settle

# what is said: how it came
KINDS = {
    "open": "passed over a pair of sockets",
    "open-datagrams": "passed over a pair of sockets of datagrams",
    "closed": "passed over a socket that was closed then",
    "ended": "passed by a program that ended",
    "closed-ended": "passed by a program that ended, over a socket that was closed then",
    "named": "passed to a name",
    "accepted": "passed over a connection that was closed then",
    "to-child": "passed to a child over a socket at a higher number that was closed then",
    "to-parent": "passed to a parent over a socket at a higher number that was closed then",
    "lent": "passed by a program that has sent from it elsewhere, and keeps it, to who closed its own",
    "stolen": "taken by who has a handle of who sent",
}
ALONE = {
    "nothing": "nobody's but who sent",
    "pair": "nobody's but who sent, and wakes itself over a pair of sockets",
    "logger": "nobody's but who sent, and may say what nobody can answer",
    "unused": "nobody's but who sent, and has a socket that is connected nowhere",
}
TRIES = 4


def play(mode, client, ports, watching):
    """[(kind, protocol, port, pid of who sent)], and whether who stays was there until it must have been found."""
    running = [(kind, protocol, subprocess.Popen(as_user(mode, [client, kind, protocol, str(ports[protocol])]),
                                                 stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
               for kind in KINDS | ALONE for protocol in ports for _ in range(TRIES)]
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


sys.exit(Scenes(KINDS | ALONE, play, judge).run(sys.argv[1:4], sys.argv[4:]))
