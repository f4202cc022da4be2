"""A terminal with an interactive shell, into which a line is typed letter by letter; sudo asks for the password, and is given it."""
import os
import pty
import re
import select
import signal

from sandbox import atspi

PATIENCE_S = 180.0  # what an install takes on a busy computer
PROMPT = re.compile(rb'\[(\d+)\]# ')


class Terminal:
    def __init__(self, shell='bash', folder=None):
        self.said, self.n_answered = b'', 0
        options = {'bash': ['--norc', '--noprofile', '-i'], 'dash': ['-i']}[shell]
        self.pid, self.end = pty.fork()
        if self.pid == 0:
            os.chdir(folder or '/')
            os.execvpe(shell, [shell, *options], {**os.environ, 'PS1': '[$?]# ', 'TERM': 'dumb'})
        os.set_blocking(self.end, False)
        atspi.wait(lambda: self.statuses() or None, f'the prompt of {shell}', PATIENCE_S)

    def hear(self):
        while select.select([self.end], [], [], 0)[0]:
            try:
                self.said += os.read(self.end, 65536)
            except OSError:  # the shell has ended
                break
        asked = len(re.findall(rb'\[sudo\] password for [^:]*: ', self.said))
        if asked > self.n_answered:
            self.n_answered = asked
            os.write(self.end, os.environ['PASSWORD'].encode() + b'\n')

    def statuses(self):
        self.hear()
        return [int(status) for status in PROMPT.findall(self.said)]

    def type(self, line):
        for letter in line:
            os.write(self.end, letter.encode())
            self.hear()
        os.write(self.end, b'\n')

    def run(self, line):
        """Types it and waits for the next prompt. Returns the line's exit status."""
        n_before = len(self.statuses())
        self.type(line)
        atspi.wait(lambda: len(self.statuses()) > n_before or None, f'the end of “{line}”', PATIENCE_S)
        return self.statuses()[-1]

    def close(self):
        os.close(self.end)
        os.kill(self.pid, signal.SIGHUP)
        os.waitpid(self.pid, 0)


def types(line, *shells, folder=None):
    """The line as it is shown, in each of these shells; what it does must be done."""
    for shell in shells or ('bash',):
        terminal = Terminal(shell, folder)
        try:
            status = terminal.run(line)
            assert status == 0, (shell, line, status, terminal.said.decode(errors='replace'))
        finally:
            terminal.close()
