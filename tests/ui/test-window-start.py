"""How a source comes into the window: by argument, by a second start, through a pipe; how long reading is shown and stopped; and
what the window remembers."""
import gzip
import json
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(__file__))
import atspi
import fixture
from harness import PORTLIGHT, Portlight, run

FOLDER = tempfile.mkdtemp(dir=os.environ['HOME'])
SETTINGS = os.path.join(os.environ['XDG_CONFIG_HOME'], 'glib-2.0', 'settings', 'keyfile')
OFFICE = fixture.office().write(os.path.join(FOLDER, 'office.pcap'))


def one_flow():
    capture = fixture.Capture()
    capture.talk(fixture.T0, fixture.HERE, 50001, '93.184.216.34', 443, 1)
    return capture


def title_of(portlight):
    return atspi.name_of(portlight.window)


def test_second_start():
    """A second start hands its file to the window that is there."""
    other = one_flow().write(os.path.join(FOLDER, 'other.pcap'))
    portlight = Portlight(OFFICE)
    try:
        portlight.wait_for('push button', name='8 flows ·')
        subprocess.run([PORTLIGHT, 'other.pcap'], cwd=FOLDER, check=True, timeout=30)
        portlight.wait_for('push button', name='1 flow')
        atspi.wait(lambda: title_of(portlight).startswith('other.pcap'), 'the title of the other file')
        portlight.quit()
    finally:
        portlight.kill()


def test_file_manager():
    """A file manager asks over the bus, and Portlight is started as a service."""
    service = subprocess.Popen([PORTLIGHT, '--gapplication-service'], stdin=subprocess.DEVNULL)

    def ask(method, *arguments):
        command = ['gdbus', 'call', '--session', '--dest', 'io.github.portlight.portlight', '--object-path',
                   '/io/github/portlight/portlight', '--method', 'org.freedesktop.Application.' + method, *arguments, '{}']
        return subprocess.run(command, capture_output=True, check=False).returncode == 0

    try:
        atspi.wait(lambda: ask('Open', f"['file://{OFFICE}']"), 'the service on the bus')
        app = atspi.wait(lambda: atspi.app_of(service.pid), 'its window')
        atspi.wait(lambda: atspi.find(app, 'push button', '8 flows'), 'the flows of the file')
        assert ask('ActivateAction', 'quit', '[]')
        assert service.wait(30) == 0
    finally:
        if service.poll() is None:
            service.kill()
            service.wait()


def test_pipe():
    """What is piped in is drawn while it comes, before its end."""
    reader, writer = os.pipe()
    data = fixture.office().to_bytes()
    portlight = Portlight('-', stdin=reader)
    os.close(reader)
    try:
        portlight.wait_for('label', text='Waiting for Packets')
        os.write(writer, data[:3000])
        portlight.wait_for('push button', name='1 flow')
        portlight.wait_for('push button', name='Reading')
        os.write(writer, data[3000:])
        portlight.wait_for('push button', name='8 flows ·')
        os.close(writer)
        portlight.wait_for('push button', name='Capture')
        portlight.wait_for('label', text='Standard input · 3.0 s of traffic')
        portlight.quit()
    finally:
        portlight.kill()


def test_pipe_into_running():
    """The pipe of a second start is read by the first: its descriptor goes over the bus."""
    portlight = Portlight()
    try:
        portlight.wait_for('push button', name='Source: All interfaces')
        subprocess.run([PORTLIGHT, '-'], input=fixture.office().to_bytes(), check=True, timeout=30)
        portlight.wait_for('push button', name='8 flows ·')
        portlight.wait_for('push button', name='Source: Standard input')
        portlight.quit()
    finally:
        portlight.kill()


def endless_file():
    """Gigabytes in a small file: a gzip file may have many members, and all but the first are alike."""
    path = os.path.join(FOLDER, 'long.pcap.gz')
    capture = one_flow()
    header = capture.to_bytes()
    records = header[24:] * 2000
    with open(path, 'wb') as file:
        file.write(gzip.compress(header))
        file.write(gzip.compress(records) * 20000)
    return path


def test_cancel():
    portlight = Portlight(endless_file())
    try:
        portlight.wait_for('progress bar')
        portlight.wait_for('label', text='% read')
        atspi.press(portlight.wait_for('push button', name='Cancel'))
        portlight.wait_for('label', text='Reading Was Stopped')
        portlight.wait_until_gone('progress bar')
        portlight.wait_for('push button', name='1 flow')
        portlight.quit()
    finally:
        portlight.kill()


def test_quit_while_reading():
    portlight = Portlight(endless_file())
    try:
        portlight.wait_for('progress bar')
        portlight.quit()
    finally:
        portlight.kill()


def size_of(portlight):
    return portlight.window.extents()[2:]


def test_remembers_size():
    """And what is as it was is not written once more, which waits for the disk."""
    portlight = Portlight()
    try:
        before = size_of(portlight)
        subprocess.run(['xdotool', 'search', '--onlyvisible', '--class', 'portlight', 'windowsize', '900', '500'], check=True)
        atspi.wait(lambda: size_of(portlight) != before, 'another size of the window')
        wanted = size_of(portlight)
        portlight.quit()
    finally:
        portlight.kill()
    written = os.stat(SETTINGS)
    again = Portlight()
    try:
        atspi.wait(lambda: size_of(again) == wanted, f'the remembered size {wanted}, not {size_of(again)}')
        again.quit()
        assert os.stat(SETTINGS).st_ino == written.st_ino and os.stat(SETTINGS).st_mtime_ns == written.st_mtime_ns
    finally:
        again.kill()


def test_narrow():
    """As narrow as it claims to go, whatever buttons the desktop puts into its header bar."""
    folder = os.path.join(os.environ['XDG_CONFIG_HOME'], 'gtk-4.0')
    os.makedirs(folder, exist_ok=True)
    settings = os.path.join(folder, 'settings.ini')
    with open(settings, 'w', encoding='utf-8') as file:
        file.write('[Settings]\ngtk-decoration-layout=icon:minimize,maximize,close\n')
    portlight = Portlight(OFFICE)
    try:
        portlight.wait_for('push button', name='8 flows')
        subprocess.run(['xdotool', 'search', '--onlyvisible', '--class', 'portlight', 'windowsize', '360', '500'], check=True)
        atspi.wait(lambda: size_of(portlight)[0] <= 360, f'a window of 360 px, not {size_of(portlight)[0]}')
        assert not portlight.complaints(), portlight.complaints()
    finally:
        os.remove(settings)
        portlight.kill()  # that width is not to be remembered


def test_recent():
    """What could be read is among the recent files, and opens from there; what could not is not."""
    bad = os.path.join(FOLDER, 'bad.pcap')
    with open(bad, 'w', encoding='utf-8') as file:
        file.write('no packets')
    for path in (OFFICE, bad):
        portlight = Portlight(path)
        try:
            portlight.wait_for('push button', name='Source: ' + os.path.basename(path))
            portlight.wait_for(text='8 flows ·' if path == OFFICE else 'This Is Not a Capture')
            portlight.quit()
        finally:
            portlight.kill()
    portlight = Portlight()
    try:
        atspi.press(portlight.wait_for('push button', name='Source: All interfaces'))
        row = portlight.wait_for(name='office.pcap, ' + OFFICE)
        # what is chosen has a tick, said to a screen reader as well; the button whose menu is open is pressed, too
        atspi.wait(lambda: len([node for node in atspi.find_all(portlight.window, 'push button', 'All interfaces')
                                if node.has(atspi.State.PRESSED)]) == 2, 'the source that is chosen')
        assert not row.has(atspi.State.PRESSED)
        assert not portlight.shows(name='bad.pcap')
        atspi.press(row)
        portlight.wait_for('push button', name='8 flows ·')
        portlight.quit()
    finally:
        portlight.kill()


def test_closes_file():
    """From a file back to this computer."""
    portlight = Portlight(OFFICE)
    try:
        portlight.wait_for('push button', name='8 flows ·')
        atspi.press(portlight.wait_for('push button', name='Main Menu'))
        atspi.press(portlight.wait_for(name='Close File, Show This Computer'))
        portlight.wait_for('label', text='Sockets of this computer')
        portlight.wait_for('push button', name='Source: All interfaces')
        portlight.quit()
    finally:
        portlight.kill()


def test_windows_of_the_menu():
    """The keyboard's shortcuts and what is said about the program, each in a window of its own."""
    portlight = Portlight(OFFICE)
    try:
        portlight.wait_for('push button', name='8 flows ·')
        for item, text in (('Keyboard Shortcuts', 'Start or stop to capture'), ('About Portlight', 'Portlight')):
            atspi.press(portlight.wait_for('push button', name='Main Menu'))
            atspi.press(portlight.wait_for(name=item))

            def others():
                return [node for node in atspi.children(portlight.app) if node != portlight.window]

            def closed():
                for node in others():
                    for button in atspi.find_all(node, 'push button', name='Close'):  # each page has one, and one page is seen
                        try:
                            atspi.press(button)
                        except (AssertionError, atspi.GLib.Error):  # it went with the window meanwhile
                            pass
                return not others()

            atspi.wait(lambda: any(atspi.find(node, 'label', text=text) for node in others()), f'“{text}” in a window')
            atspi.wait(closed, f'the end of “{item}”')
        portlight.quit()
    finally:
        portlight.kill()


def test_shortcuts_are_made_when_asked_for():
    """Each window took a third longer to open while its shortcuts were made with it. Asked for twice they are the same."""
    portlight = Portlight(OFFICE, stdout=subprocess.PIPE)
    try:
        portlight.wait_for('push button', name='8 flows ·')
        assert windows(portlight) == 1
        for _ in range(2):
            portlight.key('F1')
            atspi.wait(lambda: atspi.find(portlight.app, 'label', text='Start or stop to capture'), 'the shortcuts')
            assert windows(portlight) == 2
            portlight.key('Escape')
            atspi.wait(lambda: atspi.find(portlight.app, 'label', text='Start or stop to capture') is None, 'their end')
        portlight.quit()
    finally:
        portlight.kill()


def windows(portlight):
    """All that there are, those that nobody sees too."""
    subprocess.run(['gapplication', 'action', 'io.github.portlight.portlight', 'print-statistics'], check=True)
    return json.loads(portlight.process.stdout.readline())['windows']


def test_without_gl():
    """With the cairo renderer no GL driver is loaded, nor the compiler that comes with one: 60 MB."""
    portlight = Portlight(OFFICE, env={'GSK_RENDERER': 'cairo'})
    try:
        portlight.wait_for('push button', name='8 flows ·')
        with open(f'/proc/{portlight.process.pid}/maps', encoding='utf-8') as maps:
            names = {os.path.basename(line.split()[-1]) for line in maps}
        loaded = [name for name in names if name.startswith(('libLLVM', 'libgallium', 'libGLX_')) or name.endswith('_dri.so')]
        assert any(name.startswith('libgtk-4') for name in names)
        assert not loaded, loaded
        portlight.quit()
    finally:
        portlight.kill()


run(test_second_start, test_file_manager, test_pipe, test_pipe_into_running, test_cancel, test_quit_while_reading, test_remembers_size,
    test_narrow, test_recent, test_closes_file, test_windows_of_the_menu, test_shortcuts_are_made_when_asked_for,
    test_without_gl)
