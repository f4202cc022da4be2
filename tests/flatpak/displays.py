"""A display that is not there, or that the sandbox was not given, each kind alone. The host has X11 alone."""
import os
import subprocess

import sandbox
from pages import PORT
from sandbox import APP, Sandboxed

GRANTS = {'--nosocket=wayland': '--socket=wayland', '--nosocket=fallback-x11': '--socket=fallback-x11'}


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


def wayland_is_withdrawn():
    with sandbox.overridden('--nosocket=wayland') as app:
        app.wait_for('push button', name=f':{PORT}')


TESTS = [display_is_not_there, x11_is_withdrawn, wayland_is_withdrawn]
