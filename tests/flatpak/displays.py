"""A display that is not there, or that the sandbox was not given, each kind alone; and what draws faster. The host has X11 alone."""
import os
import subprocess

import desktop
import sandbox
from pages import PORT
from sandbox import APP, Sandboxed, atspi

GRANTS = {'--nosocket=wayland': '--socket=wayland', '--nosocket=fallback-x11': '--socket=fallback-x11',
          '--nodevice=dri': '--device=dri', '--unshare=ipc': '--share=ipc'}


def says_no_display(words, display=None, withheld=None):
    """What a start without a window says, in one line."""
    environment = {name: value for name, value in os.environ.items() if name != 'DISPLAY'} | ({'DISPLAY': display} if display else {})
    started = subprocess.run(['flatpak', 'run', APP], env=environment, capture_output=True, text=True, timeout=60, check=False)
    said = [line for line in started.stderr.splitlines() if line.startswith('portlight: ')]
    assert started.returncode == 2 and len(said) == 1 and words in said[0], started
    line = f'flatpak override --user {GRANTS[withheld]} {APP}' if withheld else None
    assert ('flatpak override' in said[0]) == bool(line) and (not line or f'“{line}”' in said[0]), said
    assert f'“flatpak run --command=portlight-report {APP}”' in said[0], said
    return line


def display_is_not_there():
    """No permission is to blame that Portlight has."""
    says_no_display('There is no display here (')
    says_no_display('display', display=':4711')
    with sandbox.override('--nosocket=wayland'):
        says_no_display('There is no display here that Flatpak lets Portlight use', withheld='--nosocket=wayland')


def x11_is_withdrawn():
    with sandbox.override('--nosocket=fallback-x11'):
        line = says_no_display('If there is one of X11', display=os.environ['DISPLAY'], withheld='--nosocket=fallback-x11')
        subprocess.run(['sh', '-c', line], check=True, timeout=30)
        Sandboxed().kill()


def works_and_says_so_under_about(permission):
    with sandbox.overridden(permission) as app:
        app.wait_for('push button', name=f':{PORT}')
        desktop.application('action', APP, 'about')
        program = atspi.Node(app.window.bus_name, atspi.ROOT)
        for name in ('Troubleshooting', 'Debugging Information'):
            atspi.press(atspi.wait(lambda name=name: atspi.find(program, 'list item', name=name), name, sandbox.PATIENCE_S))
        told = atspi.wait(lambda: atspi.find(program, text='Flatpak was told not to'), 'what was withheld', sandbox.PATIENCE_S)
        lines = [line.strip() for line in atspi.text_of(told).splitlines() if 'flatpak override' in line]
        assert lines == [f'flatpak override --user {GRANTS[permission]} {APP}'], lines


def wayland_is_withdrawn():
    works_and_says_so_under_about('--nosocket=wayland')


def graphics_processor_is_withdrawn():
    works_and_says_so_under_about('--nodevice=dri')


def shared_memory_is_withdrawn():
    works_and_says_so_under_about('--unshare=ipc')


TESTS = [display_is_not_there, x11_is_withdrawn, wayland_is_withdrawn, graphics_processor_is_withdrawn, shared_memory_is_withdrawn]
