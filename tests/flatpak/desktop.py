"""What the sandboxed app does with the desktop around it: files through the portal, recent files, notifications, settings,
D-Bus activation. Real portals on the test's own session bus; what they show is another program's window."""
import glob
import os
import re
import signal
import subprocess
import time
from xml.etree import ElementTree

import sandbox
from sandbox import APP, Sandboxed, atspi, screenshot
import fixture
from drag import DragSource
from notifications import NotificationServer, look_away
from gi.repository import Gio, GLib

PORTAL = ('org.freedesktop.portal.Desktop', '/org/freedesktop/portal/desktop')
MAIN_WINDOW = '^Portlight$|\\.pcap'  # its title, without a file and with one
HOME = os.environ['HOME']
DATA = os.path.join(HOME, '.var/app', APP)


class Skip(Exception):
    """Why a test cannot run here."""


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
    for app in atspi.apps():
        if 'portal' in atspi.name_of(app):
            for role in ('file chooser', 'dialog', 'frame'):
                found = atspi.find(app, role, title)
                if found:
                    return found
    return None


def choose(title, path):
    """What a person does in the portal's dialog: Control+L, the path, Return."""
    dialog = atspi.wait(lambda: portal_dialog(title), f'the portal’s dialog “{title}”', sandbox.PATIENCE_S)
    window_of(title)

    def entry():
        subprocess.run(['xdotool', 'key', 'ctrl+l'], check=True)
        return atspi.find(dialog, 'text')
    location = atspi.wait(entry, 'the entry for a path', sandbox.PATIENCE_S)
    location.enter(path)
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


def link_comes_through_the_portal():
    """The document is what the link leads to, under that file's name; it opens by the portal's dialog and by the file manager."""
    need_document_portal()
    fixture.office().write(os.path.join(HOME, 'linked.pcap'))
    link = os.path.join(HOME, 'link.pcap')
    os.symlink('linked.pcap', link)
    app = Sandboxed(command=('portlight', '--open'))
    try:
        choose('Open a Capture File', link)
        app.wait_for('label', text='link.pcap')
        app.wait_for(text='of traffic')
    finally:
        app.kill()
    with subprocess.Popen(['gio', 'open', link]):
        try:
            atspi.wait(lambda: windows_titled('^link.pcap') and in_any_window(None, None, 'of traffic'), 'what the link leads to', sandbox.PATIENCE_S)
        finally:
            quit_it()


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


def window_of(title):
    """The X window, with the keyboard's focus."""
    window = subprocess.run(['xdotool', 'search', '--onlyvisible', '--name', title], capture_output=True, text=True,
                            check=True).stdout.split()[0]
    subprocess.run(['xdotool', 'windowfocus', '--sync', window], check=True)
    return window


def in_any_window(role, name, text=None):
    """Dialogs are windows beside the first."""
    for top in atspi.apps():
        if 'portlight' in atspi.name_of(top).lower():
            found = atspi.find(top, role, name, text)
            if found:
                return found
    return None


def ask_to_save(*keys):
    """@keys choose in the dialog before the portal's."""
    save = None
    for _ in range(3):  # without a window manager a key may be lost
        window_of(MAIN_WINDOW)
        subprocess.run(['xdotool', 'key', 'ctrl+e'], check=True)
        try:
            save = atspi.wait(lambda: next(filter(None, (in_any_window(role, 'Save…') for role in sandbox.BUTTONS)), None),
                              'the dialog before the portal’s', sandbox.PATIENCE_S / 3)
            break
        except AssertionError as error:
            print(f'# {error}')
    assert save, 'the dialog before the portal’s did not come'
    window_of('^Export Picture$')
    for key in keys:
        subprocess.run(['xdotool', 'key', key], check=True)
        time.sleep(0.3)  # a list folds out
    screenshot('14-export-dialog')
    atspi.press(save)


def export(app, path, *keys):
    """Into a place of which the sandbox sees nothing; @keys as above. Returns the file's bytes."""
    if os.path.exists(path):
        os.remove(path)
    ask_to_save(*keys)
    choose('Save the Picture', path)
    atspi.wait(lambda: os.path.exists(path) and os.path.getsize(path), path, sandbox.PATIENCE_S)
    app.wait_for('label', text=os.path.basename(path))
    with open(path, 'rb') as file:
        return file.read()


def drop_that_the_portal_refuses_is_told():
    """It takes files alone, and this is a folder."""
    need_document_portal()
    app, source = drop('portal', HOME)
    try:
        app.wait_for('label', text='What Was Dropped Cannot Be Read')
        app.wait_for('label', text='The other program did not hand it over, as with a folder')
        screenshot('15-dropped-in-vain')
    finally:
        source.close()
        app.kill()


def pictures_are_saved_through_the_portal():
    """As PNG; as SVG; and redacted, which says nothing of whom it shows."""
    need_document_portal()
    sandbox.forget_settings()
    app = Sandboxed()
    port = f':{os.environ["TALK_PORT"]}'.encode()
    try:
        app.wait_for('push button', name=port.decode())
        png = export(app, os.path.join(HOME, 'picture.png'))
        assert png.startswith(b'\x89PNG\r\n'), png[:8]
        screenshot('14-picture-through-the-portal')
        svg = export(app, os.path.join(HOME, 'picture.svg'), 'alt+f', 'Down', 'Return')
        assert ElementTree.fromstring(svg).tag == '{http://www.w3.org/2000/svg}svg' and port in svg, svg[:400]
        named = [name for name in (os.environ['TALK_SERVER'].encode(), os.environ['TALK_CLIENT'].encode()) if name]
        assert all(name in svg for name in named), 'what has to be redacted is not there to begin with'
        svg = export(app, os.path.join(HOME, 'redacted.svg'), 'alt+r')
        ElementTree.fromstring(svg)
        assert port in svg and not any(name in svg for name in named), svg.decode()
    finally:
        app.kill()
        sandbox.forget_settings()


def picture_is_copied():
    """Another program, outside of the sandbox, gets both kinds."""
    app = Sandboxed()
    try:
        app.wait_for('push button', name=f':{os.environ["TALK_PORT"]}')
        window_of(MAIN_WINDOW)
        subprocess.run(['xdotool', 'key', 'ctrl+shift+c'], check=True)
        app.wait_for('label', text='Picture copied')

        def paste(kind):
            return subprocess.run(['xclip', '-selection', 'clipboard', '-o', '-t', kind], capture_output=True, timeout=15,
                                  check=False).stdout
        png = paste('image/png')
        assert png.startswith(b'\x89PNG\r\n') and len(png) > 1000, png[:16]
        ElementTree.fromstring(paste('image/svg+xml'))
    finally:
        app.kill()


def drop(kind, path, shot=None):
    """Drops a file on Portlight's window. Returns both programs, for who closes them."""
    app = Sandboxed()
    app.wait_for('push button', name=f':{os.environ["TALK_PORT"]}')
    source = DragSource(kind, path)
    source.drop_at(500, 350, shot and (lambda: screenshot(shot)))
    return app, source


def dropped_file_is_shown():
    """The file transfer portal lets the sandbox see that file, and no other."""
    need_document_portal()
    path = fixture.office().write(os.path.join(HOME, 'dropped.pcap'))
    app, source = drop('portal', path, '15-dragged-over')
    try:
        app.wait_for('label', text='dropped.pcap')
        app.wait_for(text='of traffic')
        screenshot('15-dropped')
    finally:
        source.close()
        app.kill()


def dropped_path_is_told():
    """Of a program that says where the file is, which no sandbox sees: Portlight says so, and what to do."""
    path = fixture.office().write(os.path.join(HOME, 'path-alone.pcap'))
    app, source = drop('path', path)
    try:
        app.wait_for('label', text='The Sandbox Hides This File')
        app.wait_for('label', text=path)
        screenshot('15-dropped-path')
        app.press('Open File…')
        choose('Open a Capture File', path)
        app.wait_for(text='of traffic')
    finally:
        source.close()
        app.kill()


def lose_capture(app, server):
    """Captures, and the helper is killed while nobody looks."""
    app.press('Capture')
    app.press('Continue')
    app.wait_for('push button', name='Capturing')
    sandbox.wait_for_helpers(2)
    look_away()
    for pid in sandbox.helpers():
        os.kill(pid, signal.SIGKILL)
    try:
        title, body = server.wait(sandbox.PATIENCE_S)
    except AssertionError:
        print('#', app.label_texts(), 'the window is', 'active' if app.window.has(atspi.State.ACTIVE) else 'not active')
        raise
    app.wait_for('label', text=title)
    assert body, title
    print(f'# “{title}”: “{body}”')


def end_long_read(server):
    """Of a pipe, which needs no helper: it ends while nobody looks, after the ten seconds that make it worth telling."""
    reading, writing = os.pipe()
    app = Sandboxed(('portlight', '-'), stdin=reading)
    os.close(reading)
    try:
        os.write(writing, fixture.office().to_bytes())
        app.wait_for('push button', name=':993')
        look_away()
        time.sleep(10)
        os.close(writing)
        title, body = server.wait(sandbox.PATIENCE_S)
        assert title == 'The Capture Was Read' and body, (title, body)
        print(f'# “{title}”: “{body}”')
    finally:
        app.kill()


def lose_capture_of_another(server):
    app = Sandboxed()
    try:
        lose_capture(app, server)
    finally:
        app.kill()


def lost_capture_is_notified():
    need_document_portal()
    server = NotificationServer()
    lose_capture_of_another(server)
    server.leave()


def close_window():
    window_of(MAIN_WINDOW)
    subprocess.run(['xdotool', 'key', 'ctrl+w'], check=True)


def helper_ends_with_a_window_that_is_closed_or_killed():
    """By its key, and by “flatpak kill”."""
    for end in close_window, lambda: subprocess.run(['flatpak', 'kill', APP], check=True):
        app = Sandboxed()
        try:
            app.press('Capture')
            app.press('Continue')
            app.wait_for('push button', name='Capturing')
            sandbox.wait_for_helpers(2)
            end()
            sandbox.wait_for_helpers(0)
            app.process.wait(sandbox.PATIENCE_S)
        finally:
            app.kill()


DRAWING = ('--nodevice=dri', '--unshare=ipc')
PERMISSIONS = ('--no-talk-name=org.freedesktop.Flatpak', '--unshare=network', '--nofilesystem=/sys/fs/cgroup', *DRAWING)


def works_without(permission, app, path):
    source = DragSource('portal', path)
    try:
        for _ in range(3):  # the window may be there before it takes drops
            source.drop_at(500, 350)
            try:
                atspi.wait(lambda: app.shows('label', text='without.pcap'), 'what was dropped', sandbox.PATIENCE_S / 3)
                break
            except AssertionError as error:
                print(f'# {permission}: {error}; on view: {app.label_texts()}')
        app.wait_for('label', text='without.pcap')
        app.wait_for(text='of traffic')
        if permission == PERMISSIONS[0]:  # the one that lets files out, if any did
            assert export(app, os.path.join(HOME, 'without.png')).startswith(b'\x89PNG')
        app.press('without.pcap')
        app.wait_for('push button', name='without.pcap')
    finally:
        source.close()


def works_without_each_permission():
    """One taken away at a time: a dropped file is shown and is among the recent ones then; a picture is saved, and what ends while
    nobody looks is told, unless it is one of drawing."""
    need_document_portal()
    server = NotificationServer()
    path = fixture.office().write(os.path.join(HOME, 'without.pcap'))
    for permission in PERMISSIONS:
        try:
            with sandbox.overridden(permission) as app:
                works_without(permission, app, path)
            if permission in DRAWING:  # capturing and telling have nothing to do with it
                continue
            with sandbox.override(permission):  # a window that no drag has touched, as in lost_capture_is_notified()
                if permission == PERMISSIONS[0]:
                    end_long_read(server)
                else:
                    lose_capture_of_another(server)
        except AssertionError as error:
            server.leave()
            raise AssertionError(f'{permission}: {error}') from error
    server.leave()
    sandbox.forget_settings()


def display_is_withdrawn():
    """Nothing can be shown then: a line in the terminal says why, and the report works there."""
    with sandbox.override('--nosocket=wayland', '--nosocket=fallback-x11'):
        started = subprocess.run(['flatpak', 'run', APP], capture_output=True, text=True, timeout=60, check=False)
        assert started.returncode == 2 and 'flatpak override --user --socket=wayland --socket=fallback-x11' in started.stderr, started
        report = subprocess.run(['flatpak', 'run', '--command=portlight-report', APP, '--sockets'], capture_output=True, text=True,
                                timeout=60, check=False)
        assert report.returncode == 0 and os.environ['TALK_PORT'] in report.stdout, report
        line = re.search(r'“(flatpak override [^”]*)”', started.stderr).group(1)
        mended = subprocess.run(['sh', '-c', line], capture_output=True, text=True, timeout=30, check=False)
        assert mended.returncode == 0, mended
        Sandboxed().kill()


def application(*arguments):
    return subprocess.run(['gapplication', *arguments], capture_output=True, text=True, timeout=60, check=False)


def quit_it():
    """And wait until it has left the bus, so that the next start is one."""
    application('action', APP, 'quit')
    bus = Gio.bus_get_sync(Gio.BusType.SESSION)
    atspi.wait(lambda: not bus.call_sync('org.freedesktop.DBus', '/org/freedesktop/DBus', 'org.freedesktop.DBus', 'NameHasOwner',
                                         GLib.Variant('(s)', (APP,)), None, 0, 5000)[0], f'{APP} gone', sandbox.PATIENCE_S)


def windows_titled(title):
    return subprocess.run(['xdotool', 'search', '--onlyvisible', '--name', title], capture_output=True, text=True,
                          check=False).stdout.split()


def entry_of_the_desktop():
    entry = Gio.DesktopAppInfo.new(f'{APP}.desktop')
    assert entry and entry.get_filename().startswith(os.path.join(HOME, '.local/share/flatpak')), entry and entry.get_filename()
    return entry


def every_action_of_the_entry_works():
    """As a shell starts them, from the exported file: each is the first start of the app, and not a line that leads nowhere."""
    need_document_portal()
    entry = entry_of_the_desktop()
    shows = {'new-window': lambda: windows_titled('^Portlight$'),
             'capture': lambda: in_any_window('label', 'You Will Be Asked for a Password'),
             'open-file': lambda: portal_dialog('Open a Capture File')}
    assert sorted(shows) == sorted(entry.list_actions()), entry.list_actions()
    for action, shown in shows.items():
        try:
            entry.launch_action(action, None)
            atspi.wait(shown, f'what “{entry.get_action_name(action)}” shows', sandbox.PATIENCE_S)
            if action == 'new-window':
                entry.launch_action(action, None)
                atspi.wait(lambda: len(windows_titled('^Portlight$')) == 2, 'a second window', sandbox.PATIENCE_S)
        finally:
            quit_it()


def file_manager_opens_a_file():
    """By its type, and by way of the document portal: the sandbox does not see the place where it is."""
    need_document_portal()
    path = fixture.office().write(os.path.join(HOME, 'opened.pcap'))
    opened = subprocess.run(['gio', 'open', path], capture_output=True, text=True, timeout=60, check=False)
    assert opened.returncode == 0, opened
    try:
        atspi.wait(lambda: windows_titled('^opened.pcap') and in_any_window(None, None, 'of traffic'), 'a window with what is in the file',
                   sandbox.PATIENCE_S)
    finally:
        quit_it()


def settings_are_kept():
    """And D-Bus activation: the desktop entry's actions start the app and end it."""
    started = application('launch', APP)
    assert started.returncode == 0, started.stderr
    atspi.wait(lambda: 'capture' in application('list-actions', APP).stdout.split(), 'the actions', sandbox.PATIENCE_S)
    atspi.wait(lambda: windows_titled('^Portlight$'), 'a window', sandbox.PATIENCE_S)
    changed = application('action', APP, 'style', "'dark'")
    assert changed.returncode == 0, changed.stderr
    time.sleep(0.5)
    application('action', APP, 'quit')

    def kept():
        text = open(sandbox.KEYFILE).read() if os.path.exists(sandbox.KEYFILE) else ''
        return "style='dark'" in text
    atspi.wait(kept, f'the style in {sandbox.KEYFILE}: {glob.glob(DATA + "/**", recursive=True)}')
    sandbox.forget_settings()


TESTS = [file_comes_through_the_portal, link_comes_through_the_portal, recent_file_opens_again, dropped_file_is_shown, dropped_path_is_told,
         drop_that_the_portal_refuses_is_told, pictures_are_saved_through_the_portal, picture_is_copied,
         works_without_each_permission, display_is_withdrawn, lost_capture_is_notified,
         helper_ends_with_a_window_that_is_closed_or_killed, every_action_of_the_entry_works, file_manager_opens_a_file, settings_are_kept]
