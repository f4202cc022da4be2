"""soak.py BUILD SECONDS: see ../soak.sh. The first third of the time is for warming up; between the second third and the
last memory must not grow by more than a tenth, widgets not by more than a quarter, nor a frame's CPU by more than half, and
the window must still answer at the end."""
import json
import os
import resource
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

build, seconds = sys.argv[1], int(sys.argv[2])
RATE = 200
TICKS = os.sysconf('SC_CLK_TCK')
made = refused = 0
stop = threading.Event()


def serve(listener):
    while not stop.is_set():
        try:
            peer = listener.accept()[0]
        except OSError:
            return
        peer.recv(100)
        peer.sendall(b'y' * 1000)
        peer.close()


def generate():
    """RATE new connections a second, one in ten to a port where nobody listens."""
    global made, refused
    listeners = [socket.create_server(('127.0.0.1', 0), backlog=512) for _ in range(5)]
    for listener in listeners:
        threading.Thread(target=serve, args=(listener,), daemon=True).start()
    ports = [listener.getsockname()[1] for listener in listeners]
    begin = time.monotonic()
    while not stop.is_set():
        due = int((time.monotonic() - begin) * RATE)
        while made + refused < due and not stop.is_set():
            client = socket.socket()
            try:
                if (made + refused) % 10 == 9:
                    client.connect(('127.0.0.1', 9))
                client.connect(('127.0.0.1', ports[made % 5]))
                client.sendall(b'x' * 100)
                client.recv(2000)
                made += 1
            except ConnectionRefusedError:
                refused += 1
            client.close()
        time.sleep(0.005)


def stat(pid):
    """(resident bytes, CPU seconds so far) of a process."""
    fields = open('/proc/%d/stat' % pid).read().rsplit(') ', 1)[1].split()
    return int(fields[21]) * resource.getpagesize(), (int(fields[11]) + int(fields[12])) / TICKS


def ask():
    """What the window says of itself since it was last asked."""
    subprocess.run(['gapplication', 'action', 'io.github.portlight.portlight', 'print-statistics'], env=env, check=True)
    return json.loads(window.stdout.readline())


def xserver():
    """The X server of our display: the child of the script that runs us with "Xvfb" as its name."""
    for pid in filter(str.isdigit, os.listdir('/proc')):
        try:
            if open('/proc/%s/comm' % pid).read() == 'Xvfb\n' and os.readlink('/proc/%s/ns/net' % pid) == os.readlink('/proc/self/ns/net'):
                return int(pid)
        except OSError:
            pass
    return None


home = tempfile.TemporaryDirectory()  # goes with this program
env = dict(os.environ, GDK_BACKEND='x11', GSK_RENDERER='cairo', GSETTINGS_BACKEND='memory', ADW_DISABLE_PORTAL='1',
           GSETTINGS_SCHEMA_DIR=build + '/data', HOME=home.name, XDG_RUNTIME_DIR=home.name, G_DEBUG='fatal-criticals')
window = subprocess.Popen([build + '/ui/portlight', '-i', 'lo'], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
threading.Thread(target=generate, daemon=True).start()
display = xserver()
third, samples, said, began = seconds / 3, [], [], time.monotonic()
cpu_at = x_at = None
try:
    while time.monotonic() - began < seconds and window.poll() is None:
        time.sleep(min(5, seconds / 30))
        elapsed = time.monotonic() - began
        rss, cpu = stat(window.pid)
        if cpu_at is None and elapsed > third:
            cpu_at, x_at = (elapsed, cpu), stat(display)[1] if display else 0
        samples.append((elapsed, rss, cpu))
        if len(samples) == 3:
            ask()  # frames are counted from the first question on
        if elapsed > third * (len(said) + 1):
            said.append(ask())
        if len(samples) % 6 == 0:
            print('# %3d s: %.1f MB, %d connections made, %d refused' % (elapsed, rss / 1e6, made, refused), flush=True)
    passed, failed = 0, 0

    def check(is_so, words):
        global passed, failed
        print('%s - %s' % ('ok' if is_so else 'not ok', words), flush=True)
        passed, failed = passed + bool(is_so), failed + (not is_so)

    check(window.poll() is None, 'the window is still there')
    check(made > seconds * RATE * 0.6, '%d connections in %d s' % (made, seconds))
    if window.poll() is None:
        second = statistics.median(rss for at, rss, _ in samples if third < at <= 2 * third)
        last = statistics.median(rss for at, rss, _ in samples if at > 2 * third)
        check(last < second * 1.1, 'memory is flat: %.1f MB in the second third, %.1f MB in the last' % (second / 1e6, last / 1e6))
        while len(said) < 3:
            said.append(ask())
        for which, part in zip(('first', 'second', 'last'), said):
            print('# %s third: %d widgets, %d flows, %d dropped, frames of %.1f ms (p95 %.1f, max %.1f)' % (which,
                  part['widgets'], part['flows'], part['dropped'], part['frame_median_us'] / 1e3,
                  part['frame_p95_us'] / 1e3, part['frame_max_us'] / 1e3))
        check(said[2]['widgets'] <= said[1]['widgets'] * 1.25, 'no widget is leaked: %d, then %d' % (said[1]['widgets'], said[2]['widgets']))
        check(said[2]['frame_median_us'] <= said[1]['frame_median_us'] * 1.5 + 500, 'frame times are flat: %.1f ms, then %.1f ms'
              % (said[1]['frame_median_us'] / 1e3, said[2]['frame_median_us'] / 1e3))
        span = samples[-1][0] - cpu_at[0]
        print('# CPU %.1f %% of a core, the display server %.1f %%' % (100 * (samples[-1][2] - cpu_at[1]) / span,
              100 * (stat(display)[1] - x_at) / span if display else float('nan')))
        children = open('/proc/%d/task/%d/children' % (window.pid, window.pid)).read().split()
        window.terminate()
        try:
            window.wait(10)
            check(True, 'it ends within 10 s of being asked')
        except subprocess.TimeoutExpired:
            check(False, 'it ends within 10 s of being asked')
        time.sleep(1)
        left = [pid for pid in children if os.path.exists('/proc/%s' % pid) and 'Z' not in open('/proc/%s/stat' % pid).read().split(') ')[1][:1]]
        check(not left, 'its helper ends with it')
finally:
    stop.set()
    if window.poll() is None:
        window.kill()
words = [line for line in window.stderr.read().splitlines() if 'CRITICAL' in line or 'WARNING' in line and 'ortlight' in line]
check(not words, 'nothing to complain about on stderr' + (': ' + words[0] if words else ''))
print('%d passed, %d failed, 0 skipped' % (passed, failed))
sys.exit(failed > 0)
