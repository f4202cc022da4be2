"""A display that is not there, or that the sandbox was not given, each kind alone. The host has X11 alone, but for one test."""
import contextlib
import os
import shutil
import subprocess

import sandbox
from desktop import Skip
from pages import PORT
from sandbox import APP, Sandboxed, atspi

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


@contextlib.contextmanager
def session_of_wayland():
    """While it lasts, sway is the only display, without a screen."""
    if not shutil.which('sway'):
        raise Skip('sway, a Wayland compositor, is not installed')
    folder, x11 = os.environ['XDG_RUNTIME_DIR'], os.environ.pop('DISPLAY')
    before = os.listdir(folder)
    with open(os.path.join(os.environ['HOME'], 'sway.config'), 'w', encoding='ascii') as config:
        config.write('xwayland disable\n')
    sway = subprocess.Popen(['sway', '--config', config.name], env={**os.environ, 'WLR_BACKENDS': 'headless', 'WLR_RENDERER': 'pixman'},
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        os.environ['WAYLAND_DISPLAY'] = atspi.wait(
            lambda: next((name for name in os.listdir(folder) if name not in before and name.startswith('wayland-') and '.' not in name), None),
            'a display of Wayland', sandbox.PATIENCE_S)
        yield
    finally:
        os.environ.pop('WAYLAND_DISPLAY', None)
        os.environ['DISPLAY'] = x11
        sway.terminate()
        sway.wait()


def wayland_alone_will_do():
    with session_of_wayland():
        app = Sandboxed()
        try:
            app.wait_for('push button', name=f':{PORT}')
            app.press('Capture')
            app.wait_for('label', text='You Will Be Asked for a Password')
        finally:
            app.kill()
        with sandbox.override('--nosocket=wayland'):
            started = subprocess.run(['flatpak', 'run', APP], capture_output=True, text=True, timeout=60, check=False)
        assert started.returncode == 2 and f'If there is one of Wayland, allow it with “flatpak override --user --socket=wayland {APP}”' in started.stderr, started


TESTS = [wayland_alone_will_do, display_is_not_there, x11_is_withdrawn, wayland_is_withdrawn]
