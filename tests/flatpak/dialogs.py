"""Dialogs for files, as the desktop's portals show them, do not, or stop to."""
import os
import signal
import subprocess

import desktop
import sandbox
from sandbox import APP, atspi, screenshot
import fixture
from gi.repository import Gio, GLib

TITLE = 'Open a Capture File'


def asks_for_a_file(app, seen):
    """Until that is seen."""
    app.wait_for('push button', name='Capture')
    for _ in range(5):  # without a window manager a key may be lost
        desktop.window_of(desktop.MAIN_WINDOW)
        subprocess.run(['xdotool', 'key', 'ctrl+o'], check=True)
        try:
            return atspi.wait(seen, 'what comes of Control+O', 6)
        except AssertionError as error:
            print(f'# {error}')
    raise AssertionError('nothing comes of Control+O')


def asks_and_is_told(app, title, words):
    asks_for_a_file(app, lambda: app.shows('label', text=title))
    app.wait_for('label', text=words)


def no_dialog_is_told(app):
    asks_and_is_told(app, 'No File Dialog Here', 'Drop the file on this window instead.')
    screenshot('17-no-portal')


def no_way_for_files_is_told(app):
    """Nothing could be handed over: no dialog comes that leads nowhere, and the window works on."""
    asks_and_is_told(app, 'No File Can Be Handed Over', f'flatpak run {APP} - < ')
    assert not desktop.portal_dialog(TITLE), 'a dialog that leads nowhere'
    screenshot('17-no-documents')
    app.press('Dismiss')
    desktop.ask_to_save()
    app.wait_for('label', text='No File Can Be Handed Over')
    app.press('Capture')
    app.wait_for('label', text='You Will Be Asked for a Password')


def missing_session_bus_is_told():
    """GTK's own dialog would come, of what the sandbox sees alone: a picture that was saved there would be lost with it."""
    app = sandbox.Sandboxed(options=['--no-session-bus'])
    try:
        asks_and_is_told(app, 'No Session Bus Here', f'flatpak run {APP} - < capture.pcap')
        screenshot('17-no-session-bus')
        app.press('Dismiss')
        desktop.ask_to_save()
        app.wait_for('label', text='No Session Bus Here')
    finally:
        app.kill()


def line_of_that_notice_reads_a_file():
    path = fixture.office().write(os.path.join(os.environ['HOME'], 'handed.pcap'))
    with open(path, 'rb') as file:
        app = sandbox.Sandboxed(command=('portlight', '-'), stdin=file)
    try:
        app.wait_for(text='of traffic')
    finally:
        app.kill()


def portal_pid():
    bus = Gio.bus_get_sync(Gio.BusType.SESSION)
    return bus.call_sync('org.freedesktop.DBus', '/org/freedesktop/DBus', 'org.freedesktop.DBus', 'GetConnectionUnixProcessID',
                         GLib.Variant('(s)', (desktop.PORTAL[0],)), None, 0, 10000).unpack()[0]


def portal_that_ends_is_told(app):
    """GTK keeps the window shut off until a dialog's answer, which never comes."""
    desktop.need_document_portal()
    asks_for_a_file(app, lambda: desktop.portal_dialog(TITLE))
    os.kill(portal_pid(), signal.SIGKILL)
    app.wait_for('label', text='The File Dialog Went Away')
    screenshot('17-portal-ended')
    app.press('Capture')
    app.wait_for('label', text='You Will Be Asked for a Password')


def portal_that_hangs_is_told(app):
    desktop.need_document_portal()
    pid = portal_pid()
    os.kill(pid, signal.SIGSTOP)
    try:
        asks_for_a_file(app, lambda: app.shows('label', text='Waiting for this desktop’s file dialog'))
        app.wait_for('label', text='The File Dialog Does Not Come')
        app.wait_for('label', text='systemctl --user restart xdg-desktop-portal')
        screenshot('17-portal-hangs')
    finally:
        os.kill(pid, signal.SIGCONT)
    asks_for_a_file(app, lambda: desktop.portal_dialog(TITLE))


TESTS = [portal_that_hangs_is_told, portal_that_ends_is_told]
