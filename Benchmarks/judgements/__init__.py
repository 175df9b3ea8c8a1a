"""What the program is judged by, one judgement a file. Each has `judge(bench)`, which yields `Verdict`s."""
from . import against, births, kills, new_files, one_row, reload_growth, reloads, validate

ALL = {
    "births": births,
    "new_files": new_files,
    "one_row": one_row,
    "reload_growth": reload_growth,
    "validate": validate,
    "kills": kills,
    "reloads": reloads,
    # Only with --against.
    "against": against,
}
