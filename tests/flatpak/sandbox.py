"""Portlight in its real sandbox, as the ordinary user this runs as: starts it, finds its window, its processes, its helper."""
import contextlib
import copy
import os
import shutil
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'ui'))
import atspi

APP = 'io.github.portlight.portlight'
SHOTS = os.environ['SHOTS']
HELPER_NAME = 'portlight-helper'[:15]  # as the kernel cuts it
PATIENCE_S = 60.0  # the first start after an install is slow, and on a busy computer all is
KEYFILE = os.path.join(os.environ['HOME'], '.var/app', APP, 'config/glib-2.0/settings/keyfile')
BUTTONS = ('push button', 'toggle button', 'button')  # GTK 4.8 and 4.18 name the role of a toggle differently


def forget_settings():
    if os.path.exists(KEYFILE):
        os.remove(KEYFILE)


def be_dark():
    """As a person chose it in the menu."""
    os.makedirs(os.path.dirname(KEYFILE), exist_ok=True)
    with open(KEYFILE, 'w', encoding='utf-8') as file:
        file.write("[io/github/portlight/portlight]\nstyle='dark'\n")


def processes():
    """pid, name, parent and user of every process of this machine."""
    for entry in os.listdir('/proc'):
        if entry.isdigit():
            try:
                with open(f'/proc/{entry}/stat') as file:
                    name, rest = file.read().split('(', 1)[1].rsplit(')', 1)
                yield int(entry), name, int(rest.split()[1]), os.stat(f'/proc/{entry}').st_uid
            except (OSError, IndexError):
                continue


def command_of(pid):
    try:
        with open(f'/proc/{pid}/cmdline', 'rb') as file:
            return file.read()
    except FileNotFoundError:
        return b''


def helpers():
    """Those that gave their rights away, to this user: others on this machine may capture, too."""
    return [pid for pid, name, _, uid in processes() if name == HELPER_NAME and uid == os.getuid()]


def wait_for_helpers(n):
    return atspi.wait(lambda: len(helpers()) == n or None, f'{n} running helpers, not {len(helpers())}', PATIENCE_S)


def apps_on_view():
    """By their names on the accessibility bus, which never come again; one that was killed stays among them for a while."""
    return {app.bus_name for app in atspi.apps()}


class Sandboxed:
    """One running Portlight with its window."""

    def __init__(self, command=('portlight',), stdin=subprocess.DEVNULL, options=()):
        self.before = apps_on_view()
        self.output = tempfile.TemporaryFile()
        self.process = subprocess.Popen(['flatpak', 'run', '--env=GSK_RENDERER=cairo', '--env=GTK_A11Y=atspi', *options,
                                         f'--command={command[0]}', APP, *command[1:]], stdin=stdin, stdout=self.output, stderr=self.output)
        self.window = atspi.wait(self.find_window, 'the window of the sandboxed app', PATIENCE_S)

    def find_window(self):
        assert self.process.poll() is None, f'flatpak run ended with {self.process.returncode}: {self.said()}'
        for app in atspi.apps():
            is_new = app.bus_name not in self.before
            window = atspi.find(app, 'frame') if is_new and 'portlight' in atspi.name_of(app).lower() else None
            if window:
                return window
        return None

    def another_window(self):
        """The same program's, as the desktop entry's action opens it."""
        subprocess.run(['flatpak', 'run', APP, '--new-window'], check=True, timeout=PATIENCE_S)
        another = copy.copy(self)
        program = atspi.Node(self.window.bus_name, atspi.ROOT)
        another.window = atspi.wait(lambda: next((window for window in atspi.find_all(program, 'frame') if window != self.window), None),
                                    'another window', PATIENCE_S)
        return another

    def said(self):
        self.output.seek(0)
        return self.output.read().decode(errors='replace')

    def wait_for(self, role=None, name=None, text=None):
        what = ' '.join(str(part) for part in (role, name, text) if part)
        try:
            return atspi.wait(lambda: self.find(role, name, text), f'“{what}”', PATIENCE_S)
        except AssertionError:
            for line in atspi.dump(self.window):
                print('#', line)
            screenshot('failed')
            raise

    def find(self, role=None, name=None, text=None):
        for one in BUTTONS if role == 'push button' else (role,):
            found = atspi.find(self.window, one, name, text)
            if found:
                return found
        return None

    def press(self, name):
        atspi.press(self.wait_for('push button', name=name))

    def open_details(self, name):
        """A chip is another widget once its flow's app is known, and a press on the one that goes is lost."""
        for _ in range(5):
            self.press(name)
            try:
                return atspi.wait(lambda: self.find(name='Details'), 'Details', PATIENCE_S / 5)
            except AssertionError as error:
                print(f'# {name}: {error}')
        raise AssertionError(f'pressing “{name}” shows no details')

    def shows(self, role=None, name=None, text=None):
        return self.find(role, name, text) is not None

    def label_texts(self):
        return [atspi.text_of(node) for node in atspi.find_all(self.window, 'label')]

    def wait_for_row(self, label, value):
        """A row of the details, word for word: the value stands behind its label."""
        def is_there():
            texts = self.label_texts()
            return (label, value) in zip(texts, texts[1:]) or None
        try:
            atspi.wait(is_there, f'{label}: {value}', PATIENCE_S)
        except AssertionError:
            print('#', self.label_texts())
            raise

    def texts(self):
        return [atspi.text_of(node) for node in atspi.walk(self.window)] + \
               [atspi.name_of(node) for node in atspi.walk(self.window)]

    def copies(self, line, button):
        """Whether one press of the button beside it puts @line into the clipboard."""
        self.wait_for('label', text=line)
        self.press(button)

        def pasted():
            return subprocess.run(['xclip', '-selection', 'clipboard', '-o'], capture_output=True, text=True, timeout=15, check=False).stdout
        atspi.wait(lambda: pasted() == line, f'“{line}” in the clipboard, not “{pasted()}”', PATIENCE_S)

    def pids(self):
        """The app's own processes, as the host numbers them: what descends from flatpak run."""
        known = {self.process.pid}
        found = []
        table = list(processes())
        for _ in range(8):
            for pid, name, parent, _ in table:
                if parent in known and pid not in known:
                    known.add(pid)
                    if name == 'portlight':
                        found.append(pid)
        return found

    def kill(self):
        for pid in self.pids():
            os.kill(pid, signal.SIGKILL)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def screenshot(name):
    """Saves the screen and makes sure that something is on it."""
    path = os.path.join(SHOTS, name + '.png')
    subprocess.run(['import', '-window', 'root', path], check=True)
    colours = subprocess.run(['identify', '-format', '%k', path], check=True, capture_output=True, text=True).stdout
    assert int(colours) > 50, f'{path} has only {colours} colours'


def deployed():
    """The folder with the app's files on the host."""
    return subprocess.run(['flatpak', 'info', '--show-location', APP], check=True, capture_output=True, text=True).stdout.strip() + '/files'


def prompt():
    """What pkexec of this computer asks for the helper: newer ones name the command, and cut the middle out of a long one."""
    named = deployed() + '/libexec/portlight-helper'
    with open(shutil.which('pkexec'), 'rb') as file:
        if b'cmdline_short' in file.read():
            named = (named + ' -i any')[:38] + ' ... ' + (named + ' -i any')[-37:]
    return f"Authentication is needed to run `{named}' as the super user"


@contextlib.contextmanager
def override(*arguments):
    """While it lasts the app has other permissions."""
    subprocess.run(['flatpak', 'override', '--user', *arguments, APP], check=True)
    try:
        yield
    finally:
        subprocess.run(['flatpak', 'override', '--user', '--reset', APP], check=True)


@contextlib.contextmanager
def overridden(*arguments):
    """A running Portlight with other permissions."""
    with override(*arguments):
        app = Sandboxed()
        try:
            yield app
        finally:
            app.kill()
