"""The manual pages and the shells' completions: well formed, and they name exactly the options that there are.
Arguments: portlight-report, the folder data/, portlight-helper, and portlight if it was built."""
import sys

sys.dont_write_bytecode = True
import glob
import os
import re
import shutil
import subprocess

from report_tests import *

PROGRAM, DATA, HELPER = sys.argv[1:4]
WINDOW = sys.argv[4] if len(sys.argv) > 4 else None
MAN = os.path.join(DATA, "man")
COMPLETIONS = os.path.join(DATA, "completions")


def help_options(program=PROGRAM):
    """Options in --help; GTK's own stay out."""
    text = run(program, "--help").fine().out.decode()
    return {option for option in re.findall(r"(?<![\w-])--?[a-z][a-z-]*", text) if not option.startswith("--help-")}


def programs():
    return [("portlight-report", PROGRAM), ("portlight-helper", HELPER)] + ([("portlight", WINDOW)] if WINDOW else [])


def sort_keys():
    text = run(PROGRAM, "--help").fine().out.decode()
    return re.search(r"KEY is one of: ([^.]*)\.", text).group(1).replace(",", " ").split()


def read(*path):
    with open(os.path.join(*path), encoding="utf-8") as file:
        return file.read()


def need(tool):
    if shutil.which(tool) is None:
        raise Skip("%s is not installed" % tool)


def output(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          env=dict(os.environ, LC_ALL="C.UTF-8", MANWIDTH="100", TERM="dumb"))
    return done.returncode, done.stdout


def pages():
    found = sorted(glob.glob(os.path.join(MAN, "*.1")))
    equal([os.path.basename(page) for page in found], ["portlight-helper.1", "portlight-report.1", "portlight.1"])
    return found


def test_pages_pass_mandoc():
    need("mandoc")
    for page in pages():
        equal(output("mandoc", "-T", "lint", page), (0, ""))


def test_pages_pass_groff():
    need("groff")
    for page in pages():
        done = subprocess.run(["groff", "-man", "-Tutf8", "-ww", "-Kutf8", page], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        equal((done.returncode, done.stderr), (0, b""))


def test_pages_name_all_options():
    for name, program in programs():
        page = read(MAN, name + ".1").replace("\\-", "-")
        true(len(help_options(program)) >= 5, "%r" % help_options(program))
        for option in help_options(program):
            true(re.search(r"(?<![\w-])%s(?![\w-])" % re.escape(option), page), "%s is not in the page of %s" % (option, name))


def test_page_names_all_sort_keys():
    page = read(MAN, "portlight-report.1").replace("\\-", "-")
    for key in sort_keys():
        true(re.search(r"(?<![\w-])%s(?![\w-])" % key, page), "sort key %s is not in the page" % key)


def test_shells_read_the_completions():
    n_read = 0
    for shell, pattern in (("bash", "*.bash"), ("zsh", "_*"), ("fish", "*.fish")):
        if shutil.which(shell) is None:
            continue
        n_read += 1
        files = glob.glob(os.path.join(COMPLETIONS, pattern))
        equal(len(files), 2)
        for file in files:
            equal(output(shell, "-n", file), (0, ""))
    if n_read == 0:
        raise Skip("neither bash nor zsh nor fish is installed")


def test_completions_name_all_options():
    for command, program in programs():
        if program == HELPER:  # started by the others
            continue
        for name in (command + ".bash", "_" + command, command + ".fish"):
            text = read(COMPLETIONS, name)
            for option in help_options(program):
                if name.endswith(".fish"):
                    word = "-l %s " % option[2:] if option.startswith("--") else "-s %s " % option[1:]
                    true(word in text, "%s is not in %s" % (option, name))
                else:
                    true(re.search(r"(?<![\w-])%s(?![a-z])" % re.escape(option), text), "%s is not in %s" % (option, name))


def test_completions_name_all_sort_keys():
    for name in ("portlight-report.bash", "_portlight-report", "portlight-report.fish"):
        for key in sort_keys():
            true(re.search(r"(?<![\w-])%s(?![\w-])" % key, read(COMPLETIONS, name)), "sort key %s is not in %s" % (key, name))


def bash_offers(*words):
    script = ". '%s'; COMP_WORDS=(%s); COMP_CWORD=%d; _portlight_report; printf '%%s\\n' \"${COMPREPLY[@]}\"" % (
        os.path.join(COMPLETIONS, "portlight-report.bash"), " ".join("'%s'" % word for word in words), len(words) - 1)
    status, text = output("bash", "-c", script)
    equal(status, 0)
    return text.split()


def test_bash_completes():
    need("bash")
    equal(bash_offers("portlight-report", "--fo"), ["--format="])
    equal(bash_offers("portlight-report", "--format", "="), ["text", "jsonl", "csv"])
    equal(bash_offers("portlight-report", "--format", "=", "j"), ["jsonl"])
    equal(bash_offers("portlight-report", "--sort", "lo"), ["local", "local-port"])
    true("lo" in bash_offers("portlight-report", "-i", "") and "any" in bash_offers("portlight-report", "-i", ""), "interfaces")
    equal(bash_offers("portlight-report", os.path.join(MAN, "portlight-r")), [os.path.join(MAN, "portlight-report.1")])


def test_fish_completes():
    need("fish")
    status, text = output("fish", "--no-config", "-c", "source '%s'; complete -C 'portlight-report --format '" % (
        os.path.join(COMPLETIONS, "portlight-report.fish")))
    equal((status, [line.split("\t")[0] for line in text.split("\n") if line]), (0, ["csv", "jsonl", "text"]))


run_tests([value for name, value in list(globals().items()) if name.startswith("test_")])
