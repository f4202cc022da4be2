"""Calls and datagrams from sockets that relatives of the sender have as well, for less time than a second look takes to come, as
portlight-report names them. A wrong process fails; where no relative has the socket, a doubt too. Root only. Arguments:
portlight-report, kin-client, portlight-helper, and names of modes (modes.py) if not all should run."""
import sys

sys.dont_write_bytecode = True

import os
import subprocess

from modes import Scenes, app_of, as_user
from watched import TOO_BUSY, settle

# what is said: who else has it
KINDS = {
    "grandparent": "a grandchild has it, too, and who is in between closed it",
    "grandchild": "a grandparent has it, too, and who is in between closed it",
    "forebear": "a grandchild has it, too, and who was in between has ended",
    "uncle": "a nephew has it, too",
    "cousin": "a cousin has it, too",
    "parent-of-mover": "a child moved it to another descriptor",
    "late-parent-of-mover": "the same, of a program that began long after it was forked",
    "starter": "a program has it, too, and who started that has ended",
    "child-of-connector": "another one connected it, and has it still",
    "heir-of-connector": "another one connected it, and all have closed it",
    "unconnected": "another one has one at the same port, which is connected there",
    "thread": "a child has it, too, and who sent is a thread with descriptors of its own",
    "ended-program": "who started it has it, too, and who sent has ended",
    "ending-parent": "a child has it, too, and who sent ends",
    "ending-child": "the parent has it, too, and who sent ends",
    "ending-brother": "a brother has it, too, and who sent ends",
    "ending-forebear": "a grandchild has it, too, and who was in between has ended, and who sent ends",
    "ending-starter": "a program has it, too, and who started that has ended, and who sent ends",
    "ringed-child": "the parent has it, too, and who sent has it in an io_uring alone",
    "closed-child": "the parent has it, too, and who sent cannot be looked into",
    "becoming-child": "the parent has it, too, and who sent became another program",
    "forked-child": "nobody has it, too",
}
ALONE = ("forked-child",)
# Known faults: who ends is missed now and then by a machine that is busier than it has processors.
NOT_ALWAYS = ("ended-program", "ending-parent", "ending-child", "ending-brother", "ending-forebear", "ending-starter")
DATAGRAMS_ALONE = ("child-of-connector", "heir-of-connector", "unconnected")
TRIES = 2


def start(kinds, mode, client, ports):
    """What the programs say: (kind, protocol, port, pid of who sent); and the programs themselves."""
    running = [(kind, protocol, subprocess.Popen(as_user(mode, [client, kind, protocol, str(ports[protocol])]),
                                                 stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
               for kind in kinds for protocol in ports for _ in range(TRIES)
               if protocol == "udp" or kind not in DATAGRAMS_ALONE]
    said = [(kind, protocol, *map(int, program.stdout.readline().split())) for kind, protocol, program in running]
    return said, running


def play(mode, client, ports, watching):
    """What was said, all at once, but of those that are alone when all others have ended: of who ends nobody can tell what it had.
    Then whether who stays was there until it must have been found, and @mode."""
    left_out = ALONE if mode in ("full", "sockets") else (*ALONE, "ended-program")
    truth, running = start([kind for kind in KINDS if kind not in left_out], mode, client, ports)
    settle(watching)
    alone, staying = start(ALONE, mode, client, ports)
    is_seen = settle(watching)
    for kind, _, program in running + staying:
        program.communicate()
        assert program.returncode == 0, (kind, program.returncode)
    return truth + alone, is_seen, mode


def judge(flows, kind, truth, ports):
    problems, (sent, is_seen, mode) = [], truth
    for _, protocol, port, pid in [one for one in sent if one[0] == kind]:
        app = app_of(flows, protocol, port, ports[protocol])
        if app is None:
            problems.append("no %s flow of port %d" % (protocol, port))
        elif app.get("pid") not in (None, pid):
            problem = "%s sent by %d, reported as %s" % (protocol, pid, app)
            is_excused = kind in NOT_ALWAYS and mode != "full" and os.getloadavg()[0] > os.cpu_count()
            problems.append(TOO_BUSY if is_excused else problem)
            if is_excused:
                print("# " + problem)
        elif kind in ALONE and app.get("confidence") == "likely" and mode.endswith("untold"):
            problems.append(TOO_BUSY) # found late, and nobody tells who ended meanwhile
        elif kind in ALONE and app.get("confidence") != "exact":
            problems.append("%s sent by %d, reported as %s" % (protocol, pid, app) if is_seen else TOO_BUSY)
    return problems


sys.exit(Scenes(KINDS, play, judge).run(sys.argv[1:4], sys.argv[4:]))
