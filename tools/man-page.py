#!/usr/bin/env python3
"""Writes the manual page from what the program says of itself, so that it always is what `--help` is.

usage: man-page.py BINARY > training-exporter.1
"""
import json, re, subprocess, sys

# What the program's own help has no place for.
MORE = {
    "FILES": [
        ("metrics.yaml", "The catalog. Relative paths in it are relative to its own folder."),
        ("state/", "Beside the catalog: what was read so far, across restarts. See --state.path."),
    ],
    "SIGNALS": [
        ("SIGHUP", "Reads the catalog again. One with mistakes is refused, and the former one stays."),
        ("SIGTERM, SIGINT", "Saves what was read, and ends."),
    ],
    "ENVIRONMENT": [
        ("STATE_DIRECTORY", "The folder of the state, as systemd's StateDirectory= sets it."),
        ("NOTIFY_SOCKET", "Where systemd hears that the exporter is ready, reloads and stops, with Type=notify."),
        ("NO_COLOR", "No colors in diagnostics, unless --color says otherwise."),
    ],
    "EXIT STATUS": [
        ("0", "All went well, also where a signal ended it."),
        ("1", "There is a mistake in a file, or something could not be done; standard error says what."),
        ("64", "The command line was wrong."),
    ],
}


def main():
    binary = sys.argv[1]
    run = lambda *arguments: subprocess.run([binary, *arguments], check=True, capture_output=True, text=True).stdout
    tool = json.loads(run("--experimental-dump-help"))["command"]
    version = run("--version").splitlines()[0]
    commands = [command for command in tool["subcommands"] if command["commandName"] != "help"]
    print(f'.TH {quoted(tool["commandName"].upper())} 1 "" {quoted(version)} "User Commands"')
    print(".SH NAME")
    print(escaped(f'{tool["commandName"]} - {tool["abstract"]}').rstrip("."))
    print(".SH SYNOPSIS")
    for command in commands:
        print(".br" if command is not commands[0] else ".nh")
        print(f'.B {escaped(tool["commandName"])} {escaped(command["commandName"])}')
        print(escaped(synopsis(command)))
    print(".SH DESCRIPTION")
    text(tool["discussion"])
    print(".SH COMMANDS")
    for command in commands:
        print(f'.SS {escaped(command["commandName"])}')
        text(command["abstract"])
        text(command.get("discussion", ""))
        for argument in command["arguments"]:
            if names(argument) != "--help":
                print(".TP")
                print(option(argument))
                text(help_of(argument), begins=False)
    for title, entries in MORE.items():
        print(f".SH {quoted(title)}")
        for name, meaning in entries:
            print(f".TP\n.B {escaped(name)}\n{escaped(meaning)}")


def synopsis(command):
    positional = [argument for argument in command["arguments"] if argument["kind"] == "positional"]
    return " ".join(["[option ...]"] + [
        f'[{argument["valueName"]} ...]' if argument["isRepeating"] else argument["valueName"] for argument in positional
    ])


def names(argument):
    return next((f'--{name["name"]}' for name in argument.get("names", []) if name["kind"] == "long"), "")


def option(argument):
    if argument["kind"] == "positional":
        return f'.I {escaped(argument["valueName"])}'
    flag = rf'\fB{escaped(names(argument))}\fR'
    return flag if argument["kind"] == "flag" else rf'{flag} \fI{escaped(argument["valueName"])}\fR'


def help_of(argument):
    text = argument.get("abstract", "")
    values = argument.get("allValues") or argument.get("allValueStrings") or []
    more = [f'values: {", ".join(values)}'] if values else []
    if argument.get("defaultValue"):
        more.append(f'default: {argument["defaultValue"]}')
    return f'{text} ({"; ".join(more)})' if more else text


def text(text, begins=True):
    """Paragraphs; lines that are indented stand as they are."""
    for paragraph in filter(None, re.split(r"\n\s*\n", text.strip("\n"))):
        is_sample = paragraph.startswith("  ")
        print(".PP" if begins else "", end="\n" if begins else "")
        begins = True
        if is_sample:
            print(".RS 4\n.nf\n" + escaped(re.sub(r"(?m)^  ", "", paragraph)) + "\n.fi\n.RE")
        else:
            print(escaped(paragraph))


def escaped(text):
    """As roff takes it: no backslash, hyphen or leading dot means anything of its own."""
    text = text.replace("\\", r"\e").replace("-", r"\-")
    return re.sub(r"(?m)^([.'])", r"\\&\1", text)


def quoted(text):
    return '"' + escaped(text).replace('"', r"\(dq") + '"'


if __name__ == "__main__":
    main()
