"""What real processes are called: programs that were deleted, modules, scripts, AppImages, Wine, a Flatpak's sandbox, and,
where cgroups can be made, services, desktop apps, snaps and containers. Each listens on a port of its own, and --sockets
tells whose it is. Argument: portlight-report."""
import sys

sys.dont_write_bytecode = True
PROGRAM = sys.argv[1]

import atexit
import json
import os
import shutil
import subprocess
import tempfile

from report_tests import *

PERL = shutil.which("perl", path="/usr/bin:/bin")
LISTEN = ("use IO::Socket::INET; $| = 1; $s = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1') or die; "
          "print $s->sockport, \"\\n\"; sleep 60;")
IS_ROOT = os.geteuid() == 0
CONTAINER = "0123456789abcdef" * 4
SCRATCH = tempfile.mkdtemp(prefix="portlight-names-")
os.chmod(SCRATCH, 0o755)
started, cgroups = [], []
with open("/proc/self/mounts") as mounts:
    CGROUPS = next((line.split()[1] for line in mounts if line.split()[2] == "cgroup2"), None)


def remove_cgroups():
    while cgroups:
        os.rmdir(cgroups.pop())


def clean():
    for process in started:
        process.kill()
        process.wait()
    remove_cgroups()
    shutil.rmtree(SCRATCH, ignore_errors=True)


atexit.register(clean)
if PERL is None:
    skip_all("perl is not installed")


def start(*command, executable=None, env=None, cwd=None, before=None):
    """Starts what listens and says on which port; returns [its process, the port]."""
    process = subprocess.Popen(command, executable=executable, stdout=subprocess.PIPE, cwd=cwd, preexec_fn=before,
                               env={**os.environ, **(env or {})})
    started.append(process)
    return [process, int(process.stdout.readline())]


def rows_with(app_is_there):
    """The report's rows once one of them satisfies app_is_there: a scan may take longer than the first report."""
    for duration in ("0.2", "0.5", "2", "5", "10", "20"):
        done = subprocess.run([PROGRAM, "--sockets", "-d", duration, "--format", "jsonl"], capture_output=True, timeout=60)
        found = [row for row in map(json.loads, done.stdout.splitlines()) if "app" in row and app_is_there(row)]
        if found:
            return found
    raise AssertionError("no such socket is told of")


def named(one):
    """What the app is called that listens there."""
    # By its cgroup alone until a scan has met its process: that takes as long as the machine is busy.
    row = rows_with(lambda row: row["local"].get("port") == one[1] and row["state"] == "listen" and row["app"]["confidence"] != "cgroup")[0]
    equal((row["app"]["pid"], row["app"]["confidence"]), (one[0].pid, "exact"))
    return row["app"]


def copy_of_perl(*path):
    place = os.path.join(SCRATCH, *path)
    os.makedirs(os.path.dirname(place), exist_ok=True)
    shutil.copy(PERL, place)
    return place


def test_a_deleted_program():
    place = copy_of_perl("frobnicate")
    one = start(place, "-e", LISTEN)
    os.unlink(place)
    app = named(one)
    equal((app["name"], app["exe"]), ("frobnicate", place))


def test_modules_and_scripts():
    script = os.path.join(SCRATCH, "fetch-mail.pl")
    with open(script, "w") as file:
        file.write("#!%s\n%s\n" % (PERL, LISTEN))
    os.chmod(script, 0o755)
    equal(named(start(script))["name"], "fetch-mail.pl")
    equal(named(start(PERL, "-w", "fetch-mail.pl", cwd=SCRATCH))["name"], "fetch-mail.pl")
    os.makedirs(os.path.join(SCRATCH, "mailer"))
    with open(os.path.join(SCRATCH, "mailer", "__main__.py"), "w") as file:
        file.write("import socket, time\ns = socket.create_server(('127.0.0.1', 0))\n"
                   "print(s.getsockname()[1], flush=True)\ntime.sleep(60)\n")
    app = named(start(sys.executable, "-m", "mailer", cwd=SCRATCH))
    equal(app["name"], "mailer")
    true(app["cmdline"].endswith("-m mailer"), app["cmdline"])


def test_a_shell_script():
    script = os.path.join(SCRATCH, "sync.sh")
    other = start(PERL, "-e", LISTEN)
    with open(script, "w") as file:
        file.write("exec 3<>/dev/tcp/127.0.0.1/%d; echo 0; read line\n" % other[1])
    process = subprocess.Popen(["bash", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    started.append(process)
    if process.stdout.readline() != b"0\n":
        raise Skip("this bash has no /dev/tcp")
    row = rows_with(lambda row: row.get("remote", {}).get("port") == other[1])[0]
    equal((row["app"]["name"], row["app"]["pid"]), ("sync.sh", process.pid))


def test_an_appimage():
    place = copy_of_perl(".mount_FrobniXyZ123", "usr", "bin", "frob")
    app = named(start(place, "-e", LISTEN, env={"APPIMAGE": "/home/me/Frobnicator-1.2.3-x86_64.AppImage"}))
    equal(app["name"], "Frobnicator")


def test_wine():
    place = copy_of_perl("wine64-preloader")
    app = named(start("C:\\Program Files\\Tool\\Tool.EXE", "-e", LISTEN, executable=place))
    equal(app["name"], "Tool.EXE")


def test_a_flatpak():
    if not IS_ROOT:
        raise Skip("a mount namespace needs root")
    root = os.path.join(SCRATCH, "root")
    os.makedirs(root)
    made = """set -e; mount -t tmpfs none "$1"; cd "$1"; mkdir usr proc dev etc
for i in bin lib lib64 lib32 libx32; do if [ -L /$i ]; then cp -P /$i $i; elif [ -d /$i ]; then mkdir $i; mount --rbind /$i $i; fi; done
mount --rbind /usr usr; mount --rbind /dev dev; mount --rbind /etc etc; printf '[Application]\\nname=org.example.Frob\\n' >.flatpak-info
shift; exec chroot . "$@" """
    if subprocess.run(["unshare", "-m", "true"]).returncode != 0:
        raise Skip("no mount namespace may be made here")
    app = named(start("unshare", "-m", "sh", "-c", made, "sh", root, PERL, "-e", LISTEN))
    equal((app["name"], app["unit"]), ("Frob", "org.example.Frob"))


def into_cgroup(path):
    """Makes a cgroup and returns what a child does to join it."""
    whole = CGROUPS
    for part in path.split("/"):
        whole = os.path.join(whole, part)
        if not os.path.isdir(whole):
            os.mkdir(whole)
            cgroups.append(whole)

    def join():
        with open(os.path.join(whole, "cgroup.procs"), "w") as procs:
            procs.write("%d" % os.getpid())

    return join


def test_cgroups():
    if not IS_ROOT or CGROUPS is None:
        raise Skip("no cgroup can be made here")
    cases = [
        ("system.slice/frobd.service", "frobd", "frobd.service"),
        ("system.slice/docker-%s.scope" % CONTAINER, CONTAINER[:12], "docker:" + CONTAINER[:12]),
        ("machine.slice/libpod-%s.scope" % CONTAINER, CONTAINER[:12], "podman:" + CONTAINER[:12]),
        ("machine.slice/machine-web\\x2done.scope", "web-one", "nspawn:web-one"),
        ("app.slice/snap.frob.frob-a0b1.scope", "frob", "snap.frob.frob-a0b1.scope"),
        ("app.slice/app-flatpak-org.example.Frob-77.scope", "Frob", "org.example.Frob"),
    ]
    top = "portlight-test-%d" % os.getpid()
    try:
        for path, name, unit in cases:
            join = into_cgroup(os.path.join(top, path))
            # A session of its own: a terminal's programs are not the snap's.
            one = start(PERL, "-e", LISTEN, before=lambda: (os.setsid(), join()))
            app = named(one)
            equal((path, app["name"], app.get("unit")), (path, name, unit))
            one[0].kill()
            one[0].wait()
    except OSError as reason:
        raise Skip("no cgroup can be made here (%s)" % reason)
    remove_cgroups()
    true(not os.path.exists(os.path.join(CGROUPS, top)), top + " is left")


run_tests([value for name, value in list(globals().items()) if name.startswith("test_")])
