"""test-render.py DEMO: the graph of made-up traffic as pictures, compared with those in pictures/ which were looked at before
they were stored. With PL_RENDER_STORE=1 it stores what it draws instead: look at each picture before you commit it.
A picture that differs is written beside its difference into PL_BUILD_DIR/render. Run by run-graph-test.sh, under Xvfb."""
import ctypes
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
STORED = os.path.join(HERE, 'pictures')
STORED_MINOR = 8  # of the GTK that drew them; 4.18 sets text elsewhere by parts of a pixel: 1 to 3 % differ by that alone
# How much of a colour may differ (another version of a font's or a line's smoothing stays below, and so do the 255 colours of what is
# stored), and in how many pixels: of all, and together in a square of 9×9, for a mark of another shape is lost among all.
FUZZ, DIFFERENT_PIXELS = '8%', 0.004
FUZZ_TOGETHER, DIFFERENT_TOGETHER, SQUARE = '20%', 3, 9

SCENES = {
    'flows-0': ['--flows=0'],
    'flows-1': ['--flows=1'],
    'flows-5': ['--flows=5'],
    'flows-50': ['--flows=50'],
    'flows-500': ['--flows=500'],
    'flows-5000': ['--flows=5000'],
    'flows-50000': ['--flows=50000'],
    'desktop-light': ['--desktop'],
    'desktop-dark': ['--desktop', '--dark'],
    'desktop-contrast': ['--desktop'],
    'desktop-narrow': ['--desktop', '--size=360x640'],
    'desktop-rtl': ['--desktop', '--rtl'],
    'desktop-text-2x': ['--desktop', '--text=2', '--size=1280x760'],
}


def has_font():
    found = subprocess.run(['fc-match', 'Cantarell'], capture_output=True, text=True, check=False).stdout
    return 'Cantarell' in found


def draw(demo, name, path, home):
    arguments, env = SCENES[name], dict(os.environ, XDG_CONFIG_HOME=home, HOME=home)
    if 'contrast' in name:
        env['ADW_DEBUG_HIGH_CONTRAST'] = '1'
    sized = arguments if any(a.startswith('--size') for a in arguments) else [*arguments, '--size=900x640']
    subprocess.run([demo, *sized, '--settle=50', '--zoom=1', '--out=' + path], env=env, check=True,
                   stderr=subprocess.DEVNULL)


def measure(actual, stored, fuzz, diff, *operation):
    """The share of pixels that differ, after an operation on the picture of them the largest part of that."""
    subprocess.run(['compare', '-fuzz', fuzz, '-compose', 'src', '-highlight-color', 'white', '-lowlight-color', 'black', actual, stored,
                    diff], capture_output=True, check=False)
    said = subprocess.run(['convert', diff, '-alpha', 'off', '-colorspace', 'gray', *operation, '-format', '%[fx:mean] %[fx:maxima]',
                           'info:'], capture_output=True, text=True, check=True).stdout
    return [float(number) for number in said.split()]


def difference(actual, stored, diff):
    """(share of pixels that differ, the most in one square, why it can't be told or None)."""
    sizes = [subprocess.run(['identify', '-format', '%w %h', path], capture_output=True, text=True, check=True).stdout
             for path in (actual, stored)]
    if sizes[0] != sizes[1]:
        return 1, SQUARE ** 2, 'it is %s, stored is %s' % (sizes[0].replace(' ', '×'), sizes[1].replace(' ', '×'))
    together = measure(actual, stored, FUZZ_TOGETHER, diff, '-statistic', 'Mean', '%dx%d' % (SQUARE, SQUARE))[1]
    return measure(actual, stored, FUZZ, diff)[0], round(SQUARE ** 2 * together), None


def check(demo, name, home, out):
    actual, stored = os.path.join(out, name + '.png'), os.path.join(STORED, name + '.png')
    draw(demo, name, actual, home)
    if os.environ.get('PL_RENDER_STORE'):
        os.makedirs(STORED, exist_ok=True)
        subprocess.run(['convert', actual, '-strip', '+dither', '-colors', '255', 'PNG8:' + stored], check=True)
        return None
    if not os.path.exists(stored):
        return '%s is not stored: run with PL_RENDER_STORE=1 and look at it' % name
    diff = os.path.join(out, name + '-difference.png')
    share, together, why = difference(actual, stored, diff)
    print('# %s: %.3f %% of the pixels differ, at most %d together' % (name, 100 * share, together))
    if share > DIFFERENT_PIXELS or together > DIFFERENT_TOGETHER:
        return why or 'compare %s with %s: see %s' % (actual, stored, diff)
    os.remove(diff)
    os.remove(actual)
    return None


def main():
    for program in ('compare', 'identify', 'convert', 'fc-match'):
        if shutil.which(program) is None:
            print('1..0 # SKIP %s is not installed' % program)
            return 0
    if not has_font():
        print('1..0 # SKIP the font of the stored pictures, Cantarell, is not installed')
        return 0
    minor = ctypes.CDLL('libgtk-4.so.1').gtk_get_minor_version()
    if minor != STORED_MINOR and not os.environ.get('PL_RENDER_STORE'):
        print('1..0 # SKIP the stored pictures are of GTK 4.%d, whose text is not that of 4.%d' % (STORED_MINOR, minor))
        return 0
    home = tempfile.mkdtemp()
    os.makedirs(home + '/gtk-4.0')
    with open(home + '/gtk-4.0/settings.ini', 'w') as file:
        file.write('[Settings]\ngtk-enable-animations=false\ngtk-overlay-scrolling=true\n')
    out = os.path.join(os.environ.get('PL_BUILD_DIR', tempfile.gettempdir()), 'render')
    os.makedirs(out, exist_ok=True)
    print('1..%d' % len(SCENES))
    failures = 0
    for number, name in enumerate(SCENES, 1):
        problem = check(sys.argv[1], name, home, out)
        failures += problem is not None
        print('%s %d - %s' % ('not ok' if problem else 'ok', number, name), flush=True)
        if problem:
            print('# ' + problem)
    shutil.rmtree(home, ignore_errors=True)
    return failures > 0


sys.exit(main())
