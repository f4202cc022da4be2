"""What “Missing Permissions” in the main menu says of those that were taken away, and whether its lines give them back."""
import copy

import sandbox
from sandbox import APP, Sandboxed, atspi, screenshot
from terminal import types

# All but that of the display, which is one of X11 here: displays.py has it.
TAKEN = {'--unshare=network': '--share=network', '--unshare=ipc': '--share=ipc', '--nosocket=wayland': '--socket=wayland',
         '--nodevice=dri': '--device=dri', '--nofilesystem=/sys/fs/cgroup': '--filesystem=/sys/fs/cgroup:ro',
         '--no-talk-name=org.freedesktop.Flatpak': '--talk-name=org.freedesktop.Flatpak'}
ITEM = 'Missing Permissions'


def open_permissions(app):
    """As a person comes there. Returns its window."""
    app.press('Main Menu')
    atspi.press(app.wait_for(name=ITEM))
    dialog = copy.copy(app)
    program = atspi.Node(app.window.bus_name, atspi.ROOT)
    dialog.window = atspi.wait(lambda: next((window for window in atspi.children(program) if atspi.name_of(window) == ITEM), None),
                               'the window', sandbox.PATIENCE_S)
    return dialog


def taken_away_is_told_and_given_back():
    with sandbox.overridden(*TAKEN) as app:
        dialog = open_permissions(app)
        dialog.wait_for('label', text='then quit Portlight and open it anew')
        lines = [text for text in dialog.label_texts() if text.startswith('flatpak ')]
        assert sorted(lines) == sorted(f'flatpak override --user {grant} {APP}' for grant in TAKEN.values()), dialog.label_texts()
        screenshot('17-taken-away')
        dialog.copies(f'flatpak override --user --talk-name=org.freedesktop.Flatpak {APP}', 'Copy the Line for “Capture”')
        app.kill()
        for line in lines:
            types(line, 'bash', 'dash')
        again = Sandboxed()
        try:
            again.press('Main Menu')
            again.wait_for(name='About Portlight')
            assert not again.shows(name=ITEM), 'something is missing still'
        finally:
            again.kill()
