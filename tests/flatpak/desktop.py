"""What the sandboxed app does with the desktop around it: files through the portal, recent files, notifications, settings,
D-Bus activation. Real portals on the test's own session bus; what they show is another program's window."""
import glob
import os
import signal
import subprocess
import time

import sandbox
from sandbox import APP, Sandboxed, atspi, screenshot
import fixture
from gi.repository import Gio, GLib

PORTAL = ('org.freedesktop.portal.Desktop', '/org/freedesktop/portal/desktop')
NOTIFICATIONS = '''<node><interface name='org.freedesktop.Notifications'>
<method name='Notify'><arg type='s'/><arg type='u'/><arg type='s'/><arg type='s'/><arg type='s'/><arg type='as'/>
<arg type='a{sv}'/><arg type='i'/><arg type='u' direction='out'/></method>
<method name='CloseNotification'><arg type='u'/></method>
<method name='GetCapabilities'><arg type='as' direction='out'/></method>
<method name='GetServerInformation'><arg type='s' direction='out'/><arg type='s' direction='out'/><arg type='s' direction='out'/>
<arg type='s' direction='out'/></method></interface></node>'''
HOME = os.environ['HOME']
DATA = os.path.join(HOME, '.var/app', APP)


class Skip(Exception):
    """Why a test cannot run here."""


def iterate():
    while GLib.MainContext.default().iteration(False):
        pass


class NotificationServer:
    """Keeps what it was asked to show. Its calls arrive in the default main context."""

    def __init__(self):
        self.shown = []
        self.bus = Gio.bus_get_sync(Gio.BusType.SESSION)
        node = Gio.DBusNodeInfo.new_for_xml(NOTIFICATIONS)
        self.bus.register_object('/org/freedesktop/Notifications', node.interfaces[0], self.on_call, None, None)
        Gio.bus_own_name_on_connection(self.bus, 'org.freedesktop.Notifications', 0, None, None)

    def on_call(self, bus, sender, path, interface, method, parameters, invocation):
        if method == 'Notify':
            self.shown.append((parameters[3], parameters[4]))
            invocation.return_value(GLib.Variant('(u)', (len(self.shown),)))
        elif method == 'GetCapabilities':
            invocation.return_value(GLib.Variant('(as)', (['body', 'actions'],)))
        elif method == 'GetServerInformation':
            invocation.return_value(GLib.Variant('(ssss)', ('test', 'test', '1', '1.2')))
        else:
            invocation.return_value(None)


def need_document_portal():
    """Starts the portals, whose place for documents has to be there before the sandbox is."""
    bus = Gio.bus_get_sync(Gio.BusType.SESSION)
    try:
        bus.call_sync('org.freedesktop.portal.Documents', '/org/freedesktop/portal/documents',
                      'org.freedesktop.portal.Documents', 'GetMountPoint', None, None, 0, 10000)
    except GLib.Error as error:
        raise Skip(f'no document portal here: {error.message}') from None
    bus.call_sync(*PORTAL, 'org.freedesktop.DBus.Peer', 'Ping', None, None, 0, 20000)


def portal_dialog(title):
    for app in atspi.children(atspi.Atspi.get_desktop(0)):
        if 'portal' in atspi.name_of(app):
            for role in ('file chooser', 'dialog', 'frame'):
                found = atspi.find(app, role, title)
                if found:
                    return found
    return None


def choose(title, path):
    """What a person does in the portal's dialog: Control+L, the path, Return."""
    dialog = atspi.wait(lambda: portal_dialog(title), f'the portal’s dialog “{title}”', sandbox.PATIENCE_S)
    window = subprocess.run(['xdotool', 'search', '--onlyvisible', '--name', title], capture_output=True, text=True,
                            check=True).stdout.split()[0]
    subprocess.run(['xdotool', 'windowfocus', '--sync', window], check=True)

    def entry():
        subprocess.run(['xdotool', 'key', 'ctrl+l'], check=True)
        return atspi.find(dialog, 'text')
    location = atspi.wait(entry, 'the entry for a path', sandbox.PATIENCE_S)
    atspi.Atspi.EditableText.set_text_contents(location, path)
    screenshot('11-portal-dialog')
    time.sleep(0.5)  # the list below follows what is typed
    subprocess.run(['xdotool', 'key', 'Return'], check=True)


def file_comes_through_the_portal():
    """It is in the home folder, of which the sandbox sees nothing until the person chooses it in the portal's dialog."""
    need_document_portal()
    path = fixture.office().write(os.path.join(HOME, 'office.pcap'))
    hidden = subprocess.run(['flatpak', 'run', '--command=ls', APP, path], capture_output=True, check=False)
    assert hidden.returncode != 0, 'the sandbox sees the home folder'
    app = Sandboxed(command=('portlight', '--open'))
    try:
        choose('Open a Capture File', path)
        app.wait_for('label', text='office.pcap')
        app.wait_for(text='of traffic')
        screenshot('12-file-through-the-portal')
    finally:
        app.kill()


def recent_file_opens_again():
    need_document_portal()
    app = Sandboxed()
    try:
        app.press('All interfaces')
        row = app.wait_for('push button', name='office.pcap')
        screenshot('13-recent-file')
        assert not any('/doc/' in text for text in app.texts()), app.texts()
        atspi.press(row)
        app.wait_for(text='of traffic')
    finally:
        app.kill()


def picture_is_saved_through_the_portal():
    """Into the home folder, of which the sandbox sees nothing."""
    need_document_portal()
    path = os.path.join(HOME, 'picture.png')
    app = Sandboxed()
    try:
        app.wait_for('push button', name=f':{os.environ["TALK_PORT"]}')
        window = subprocess.run(['xdotool', 'search', '--onlyvisible', '--name', '^Portlight$'], capture_output=True,
                                text=True, check=True).stdout.split()[0]
        subprocess.run(['xdotool', 'windowfocus', '--sync', window, 'key', 'ctrl+e'], check=True)

        def save_button():
            for top in atspi.children(atspi.Atspi.get_desktop(0)):
                if 'portlight' in atspi.name_of(top).lower():
                    for role in sandbox.BUTTONS:
                        found = atspi.find(top, role, 'Save…')
                        if found:
                            return found
            return None
        atspi.press(atspi.wait(save_button, 'the dialog before the portal’s', sandbox.PATIENCE_S))
        choose('Save the Picture', path)
        atspi.wait(lambda: os.path.exists(path) and os.path.getsize(path), f'{path}', sandbox.PATIENCE_S)
        app.wait_for('label', text='picture.png')
        screenshot('14-picture-through-the-portal')
        kind = subprocess.run(['identify', '-format', '%m %wx%h', path], capture_output=True, text=True, check=True).stdout
        assert kind.startswith('PNG '), kind
        print(f'# {kind}')
    finally:
        app.kill()


def lost_capture_is_notified():
    need_document_portal()
    server = NotificationServer()
    app = Sandboxed()
    try:
        app.press('Capture')
        app.press('Continue')
        app.wait_for('push button', name='Capturing')
        sandbox.wait_for_helpers(2)
        # Nobody looks: the focus goes with the pointer, which is beside the window.
        subprocess.run(['xdotool', 'mousemove', '1270', '790', 'windowfocus', '1'], check=False)
        for pid in sandbox.helpers():
            os.kill(pid, signal.SIGKILL)

        def told():
            iterate()
            return server.shown
        title, body = atspi.wait(told, 'a notification', sandbox.PATIENCE_S)[0]
        app.wait_for('label', text=title)
        assert body, title
        print(f'# “{title}”: “{body}”')
    finally:
        app.kill()


def settings_are_kept():
    """And D-Bus activation: the desktop entry's actions start the app and end it."""
    def call(*arguments):
        return subprocess.run(['gapplication', *arguments], capture_output=True, text=True, timeout=60, check=False)
    started = call('launch', APP)
    assert started.returncode == 0, started.stderr
    atspi.wait(lambda: 'capture' in call('list-actions', APP).stdout.split(), 'the actions', sandbox.PATIENCE_S)
    atspi.wait(lambda: subprocess.run(['xdotool', 'search', '--onlyvisible', '--name', '^Portlight$'], capture_output=True,
                                      check=False).stdout, 'a window', sandbox.PATIENCE_S)
    changed = call('action', APP, 'style', "'dark'")
    assert changed.returncode == 0, changed.stderr
    time.sleep(0.5)
    call('action', APP, 'quit')
    keyfile = os.path.join(DATA, 'config/glib-2.0/settings/keyfile')

    def kept():
        text = open(keyfile).read() if os.path.exists(keyfile) else ''
        return "style='dark'" in text and 'window-width=' in text
    atspi.wait(kept, f'the style in {keyfile}: {glob.glob(DATA + "/**", recursive=True)}')
    os.remove(keyfile)


TESTS = [file_comes_through_the_portal, recent_file_opens_again, picture_is_saved_through_the_portal, lost_capture_is_notified, settings_are_kept]
