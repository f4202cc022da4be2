"""What every window test needs: TAP, a Portlight that runs and is taken down, keys and clicks, screenshots."""
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import traceback

import atspi

PORTLIGHT = os.environ['PORTLIGHT']
# What GDK's X11 backend of GTK 4.24 says of its own clock under Xvfb: nobody but GDK calls that function.
GDKS_OWN = 'gdk_frame_timings_submitted() called on submitted frame'
# By their key codes: for the names, xdotool presses Alt as well where the keyboard's types are those of xkb-data 2.48.
FUNCTION_KEYS = {**{f'F{number}': str(66 + number) for number in range(1, 11)}, 'F11': '95'}
DOUBLE_CLICK_S = 0.4  # GTK's own: what is slower are two clicks
SHOTS = os.path.join(os.environ.get('PL_BUILD_DIR', tempfile.gettempdir()), 'screenshots')


def xdotool(*arguments):
    """What xdotool says; nothing where it fails, as it does for a window that just came or went."""
    return subprocess.run(['xdotool', *arguments], capture_output=True, text=True, timeout=10, check=False).stdout


class Portlight:
    """One running Portlight with its window."""

    def __init__(self, *arguments, stdin=None, stdout=None, env=None):
        self.errors = tempfile.TemporaryFile()
        self.process = subprocess.Popen([PORTLIGHT, *arguments], stdin=stdin or subprocess.DEVNULL, stdout=stdout, stderr=self.errors,
                                        env={**os.environ, **(env or {})})
        self.app = atspi.wait(lambda: self.alive() and atspi.app_of(self.process.pid), 'the window on the accessibility bus')
        self.window = atspi.wait(lambda: atspi.find(self.app, 'frame'), 'the window')

    def alive(self):
        assert self.process.poll() is None, f'portlight ended with {self.process.returncode}: {self.complaints()}'
        return True

    def complaints(self):
        """What GTK, GLib or the program itself complained of on stderr."""
        self.errors.seek(0)
        return [line for line in self.errors.read().decode(errors='replace').splitlines() if GDKS_OWN not in line
                and ('WARNING' in line or 'CRITICAL' in line or 'ERROR' in line or 'Sanitizer' in line)]

    def wait_for(self, role=None, name=None, text=None):
        what = ' '.join(str(part) for part in (role, name, text) if part)
        return atspi.wait(lambda: self.alive() and atspi.find(self.window, role, name, text), f'“{what}”')

    def press_for(self, text, role, name):
        """Presses what bears that name until a label says text: a chip is another widget once its flow's app is known."""
        def shown():
            node = self.alive() and atspi.find(self.window, role, name)
            if node:
                atspi.press(node)
            return atspi.wait(lambda: self.shows('label', text=text), text, 1)

        for _ in range(int(atspi.PATIENCE_S)):
            try:
                return atspi.wait(shown, text, 1)
            except AssertionError:
                self.alive()
        raise AssertionError(f'pressing “{name}” never showed “{text}”')

    def wait_until_gone(self, role=None, name=None, text=None):
        atspi.wait(lambda: atspi.find(self.window, role, name, text) is None, f'the end of “{name or text or role}”')

    def shows(self, role=None, name=None, text=None):
        return atspi.find(self.window, role, name, text) is not None

    def focused(self):
        """Gives the window the keys, for there is no window manager to do it, and looks whether it has them."""
        if os.environ['GDK_BACKEND'] == 'wayland':  # the compositor's, which bears no name, fills the screen
            windows = re.findall('WINDOW=([0-9]+)', xdotool('getmouselocation', '--shell'))
        else:
            windows = xdotool('search', '--onlyvisible', '--class', 'portlight').split()
        if not windows:
            return False
        if xdotool('getwindowfocus').strip() in windows:
            return True
        xdotool('windowfocus', windows[0])
        return False

    def key(self, *keys):
        atspi.wait(lambda: self.alive() and self.focused(), 'the focus')
        codes = ['+'.join(FUNCTION_KEYS.get(key, key) for key in chord.split('+')) for chord in keys]
        subprocess.run(['xdotool', 'key', *codes], check=True)

    def click(self, node):
        x, y = atspi.center(node)
        subprocess.run(['xdotool', 'mousemove', str(x), str(y), 'click', '1'], check=True)

    def quit(self):
        """Ends it as a person does, and makes sure that it had nothing to complain of."""
        self.key('ctrl+q')
        assert self.process.wait(atspi.PATIENCE_S) == 0, f'portlight ended with {self.process.returncode}'
        assert not self.complaints(), f'complaints: {self.complaints()}'

    def kill(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()


def double_click(begin):
    """Clicks twice where begin() says, which makes all as it was before and is asked again where this machine was too slow for the two
    clicks to be one double click. Returns where."""
    for _ in range(20):
        x, y = (round(at) for at in begin())
        start = time.monotonic()
        subprocess.run(['xdotool', 'mousemove', str(x), str(y), 'click', '--repeat', '2', '--delay', '60', '1'], check=True)
        if time.monotonic() - start < DOUBLE_CLICK_S:
            break
    return x, y


def screenshot(name):
    """Saves the screen and makes sure that something is on it."""
    try:
        os.makedirs(SHOTS, exist_ok=True)
        folder = SHOTS if os.access(SHOTS, os.W_OK) else os.environ['HOME']
    except PermissionError:
        folder = os.environ['HOME']
    path = os.path.join(folder, name + '.png')
    subprocess.run(['import', '-window', 'root', path], check=True)
    colours = subprocess.run(['identify', '-format', '%k', path], check=True, capture_output=True, text=True).stdout
    assert int(colours) > 50, f'{path} has only {colours} colours'
    print(f'# screenshot: {path}')


def texts_of_pane(portlight):
    """All that the details say."""
    return atspi.texts(portlight.wait_for('panel', name='Details'))


def in_one_window(start):
    """Decorates tests that share a window, for to start takes longest: start() makes it, first and whenever it has ended; its begin()
    makes it as it was at first, whatever the test before did. The window is in the decorator's list `running`."""
    running = []

    def decorate(test):
        def run_it():
            if not running or running[0].process.poll() is not None:
                running[:] = [start()]
            try:
                running[0].begin()
                test(running[0])
            except Exception:
                screenshot('failed-' + test.__name__)
                running[0].kill()
                raise
        run_it.__name__ = test.__name__
        return run_it

    decorate.running = running
    return decorate


def run(*tests):
    """Runs each test function and prints TAP."""
    failures = 0
    print(f'1..{len(tests)}', flush=True)
    for number, test in enumerate(tests, 1):
        try:
            test()
            print(f'ok {number} - {test.__name__}', flush=True)
        except Exception:  # whatever it is, it fails this test and not the others
            failures += 1
            print(f'not ok {number} - {test.__name__}')
            for line in traceback.format_exc().splitlines():
                print('#', line)
            sys.stdout.flush()
    sys.exit(1 if failures else 0)


def show_tree(portlight):
    for line in atspi.dump(portlight.window):
        print('#', line)
