"""window.py PORTLIGHT LOAD EMPTY-WINDOW: what the whole app costs while real traffic flows in a network namespace of its own: CPU of the
window, its helper and the display server, memory, packets. EtherApe on the same traffic beside it where it is installed.
A missed goal is said; it fails nothing, for it depends on the machine. See window.sh."""
import json
import os
import re
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

portlight, load, empty_window = sys.argv[1:4]
WARM_S = float(os.environ.get('PL_BENCH_WARM_S', 6))
SPAN_S = float(os.environ.get('PL_BENCH_SPAN_S', 10))
SETTLE_S = float(os.environ.get('PL_BENCH_SETTLE_S', 20))  # start is over: icons are loaded, what came has eased in
IDLE_SPAN_S = float(os.environ.get('PL_BENCH_IDLE_SPAN_S', 30))  # long enough for hundredths of a core to show
TICKS = os.sysconf('SC_CLK_TCK')

# name, what load is told, goal of the app's CPU in % of a core, goal of its memory in MB
SCENES = [
    ('idle: 20 listeners, 20 open connections, no packets, after %g s of rest' % (SETTLE_S + 3), None, 0.3, None),
    ('5,000 packets/s in 100 flows', ['udp', '100', '5000'], 5, None),
    ('5,000 packets/s in 5,000 flows', ['udp', '5000', '5000'], 10, 120),
    ('200 new flows/s', ['tcp', '200'], None, None),
]


def read(path):
    try:
        with open(path) as file:
            return file.read()
    except OSError:
        return ''


def cpu_s(pids):
    """CPU seconds that the processes have used so far."""
    total = 0
    for pid in pids:
        fields = read('/proc/%d/stat' % pid).rsplit(') ', 1)[-1].split()
        if len(fields) > 13:
            total += (int(fields[11]) + int(fields[12])) / TICKS
    return total


def memory_mb(pid):
    """(RSS, PSS) of a process."""
    rollup = dict(re.findall(r'^(\w+):\s+(\d+) kB', read('/proc/%d/smaps_rollup' % pid), re.M))
    return int(rollup.get('Rss', 0)) * 1024 / 1e6, int(rollup.get('Pss', 0)) * 1024 / 1e6


def descendants(pid):
    found = []
    for task in os.listdir('/proc/%d/task' % pid):
        for child in read('/proc/%d/task/%s/children' % (pid, task)).split():
            found += [int(child)] + descendants(int(child))
    return found


def open_idle_sockets():
    """Listeners with a connection each, through which nothing is sent; they close when the list is dropped."""
    kept = []
    for _ in range(20):
        listener = socket.create_server(('127.0.0.1', 0))
        kept += [listener, socket.create_connection(listener.getsockname()), listener.accept()[0]]
    return kept


def start(command, env, stdout=subprocess.DEVNULL):
    # a process group of its own, so that what it starts can be ended with it
    return subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.DEVNULL,
                            text=True, start_new_session=True)


def statistics(app, env):
    """What Portlight says of itself since it was last asked."""
    subprocess.run(['gapplication', 'action', 'io.github.portlight.portlight', 'print-statistics'], env=env, check=True)
    return json.loads(app.stdout.readline())


def end(process):
    if process is None or process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def measure(name, command, env, load_arguments):
    """Runs @command beside the load; prints and returns (CPU %, RSS MB)."""
    display = int(os.environ['PL_XVFB_PID'])
    is_ours = command[0] == portlight
    app = start(command, env, subprocess.PIPE if is_ours else subprocess.DEVNULL)
    traffic = None
    try:
        time.sleep(3)
        traffic = start([load, *load_arguments], env) if load_arguments else None
        time.sleep(WARM_S if load_arguments else SETTLE_S)
        if app.poll() is not None or traffic and traffic.poll() is not None:
            print('  %-10s did not run' % name, flush=True)
            return None
        helpers = descendants(app.pid)
        before = cpu_s([app.pid]), cpu_s(helpers), cpu_s([display]), time.monotonic()
        if is_ours:
            statistics(app, env)
        time.sleep(SPAN_S if load_arguments else IDLE_SPAN_S)
        span = time.monotonic() - before[3]
        window, helper, server = (100 * (cpu_s(pids) - was) / span
                                  for pids, was in zip(([app.pid], helpers, [display]), before))
        rss, pss = memory_mb(app.pid)
        print('  %-10s %5.2f %% of a core (helper %.2f %%, display server %.2f %%), %.0f MB resident, %.0f MB its share'
              % (name, window, helper, server, rss, pss), flush=True)
        if is_ours:
            said = statistics(app, env)
            print('             %d flows, %d packets, %d dropped; %d widgets; %.1f frames/s of %.1f ms main thread (p95 %.1f)'
                  % (said['flows'], said['packets'], said['dropped'], said['widgets'], said['frames'] / span,
                     said['frame_median_us'] / 1e3, said['frame_p95_us'] / 1e3), flush=True)
        return window + helper, rss
    finally:
        end(traffic)
        end(app)


def empty_mb(env):
    """RSS of a window of libadwaita with nothing in it."""
    window = start([empty_window], env)
    try:
        time.sleep(3)
        return memory_mb(window.pid)[0]
    finally:
        end(window)


def say_memory(total_mb, goal_mb, env):
    """The goal, and what of the memory is anybody's who shows a window."""
    plain_mb = empty_mb(dict(env, GDK_DEBUG='gl-disable', GDK_DISABLE='gl'))
    print('             %s; an empty window %.0f MB, ours +%.0f MB; with GL an empty window %.0f MB'
          % (verdict(total_mb, goal_mb, 'MB'), plain_mb, total_mb - plain_mb, empty_mb(env)), flush=True)


def verdict(value, goal, unit):
    return 'goal %g %s: %s' % (goal, unit, 'missed' if value > goal else 'reached')


def main():
    home = tempfile.mkdtemp()
    env = dict(os.environ, HOME=home, XDG_RUNTIME_DIR=home)
    chosen = os.environ.get('PL_BENCH_SCENES')
    for number, (name, arguments, cpu_goal, memory_goal) in enumerate(SCENES):
        if chosen and str(number) not in chosen:
            continue
        print('%s; load average %.1f' % (name, os.getloadavg()[0]), flush=True)
        kept = [] if arguments else open_idle_sockets()
        result = measure('Portlight', [portlight, '-i', 'any'], env, arguments)
        del kept
        if result and cpu_goal:
            print('             ' + verdict(result[0], cpu_goal, '% of a core'), flush=True)
        if result and memory_goal:
            say_memory(result[1], memory_goal, env)
        if os.environ.get('PL_BENCH_PEERS') == '0':
            continue
        if shutil.which('etherape'):
            device = 'lo' if not arguments or arguments[0] == 'tcp' else 'veth0'
            measure('EtherApe', ['etherape', '-i', device, '-n'], dict(env, GDK_BACKEND='x11'), arguments)
        elif number == 0:
            print('  EtherApe   is not installed (package etherape): nothing to compare with')
    shutil.rmtree(home, ignore_errors=True)


main()
